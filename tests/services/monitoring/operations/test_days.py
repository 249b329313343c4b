"""What a phone recorded without a network happened on the day on which it was recorded, not on that of the network."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.security.scope import Area
from services.monitoring.clues.tables import Hit
from tests.services.monitoring.measures.giving import post_of
from tests.services.monitoring.operations.phone import made, outcomes, push, report
from tests.services.monitoring.signed import authorisation, filled

CHECK = {"item": "food", "answer": "yes", "source": "入户查看"}
THAT_DAY = "2024-06-03"
LATER = "2024-06-06"
"""When the network is back."""


def offline(chen, kind, payload, **changes):
    return made(kind, chen, payload, base_version=None) | changes


def everything(chen, **changes):
    """Each kind of record, none of which names its day."""
    said = post_of(chen)
    del said["started_on"]
    return [
        offline(chen, "visit.record", {"household_id": chen["id"], "findings": "一切正常"}, **changes),
        offline(chen, "guarantee.record", {"checks": [CHECK]}, **changes),
        offline(chen, "consent.record", authorisation(chen), **changes),
        offline(chen, "interview.record", filled(chen), **changes),
        offline(chen, "measure.start", said, **changes),
        report(chen, **changes),
    ]


async def days_of(monitoring, cadre, chen):
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        seen = list(await connection.scalars(select(rows(Hit).c.hit_on).where(rows(Hit).c.kind == "cadre_report")))
    told = [
        [one[day] for one in (await cadre.get(f"/households/{chen['id']}/{path}")).json()["items"]]
        for path, day in (
            ("visits", "visited_on"),
            ("guarantee-checks", "checked_on"),
            ("consents", "signed_on"),
            ("interviews", "held_on"),
            ("measures", "started_on"),
        )
    ]
    return [*told, [day.isoformat() for day in seen]]


async def test_a_record_that_names_no_day_is_of_the_day_on_which_the_phone_made_it(cadre, chen, monitoring):
    monitoring.clock.move(days=3)
    assert outcomes(await push(cadre, *everything(chen))) == ["applied"] * 6
    assert await days_of(monitoring, cadre, chen) == [[THAT_DAY]] * 6


async def test_the_day_is_that_of_the_county_and_one_that_is_named_stays(cadre, chen, monitoring):
    monitoring.clock.move(days=3)
    body = {"household_id": chen["id"]}
    named = offline(chen, "visit.record", body | {"visited_on": "2024-06-05"})
    late_in_utc = offline(chen, "visit.record", body, recorded_at="2024-06-02T16:30:00+00:00")
    assert outcomes(await push(cadre, named, late_in_utc)) == ["applied"] * 2
    assert sorted((await days_of(monitoring, cadre, chen))[0]) == [THAT_DAY, "2024-06-05"]


@pytest.mark.parametrize("wrong", ["2024-06-09T07:30:00+08:00", "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"])
async def test_a_clock_that_runs_ahead_or_was_never_set_is_not_believed(cadre, chen, monitoring, wrong):
    monitoring.clock.move(days=3)
    assert outcomes(await push(cadre, *everything(chen, recorded_at=wrong))) == ["applied"] * 6
    assert await days_of(monitoring, cadre, chen) == [[LATER]] * 6
