"""Registered households without the help that they are to have are found, by each county's own numbers."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.security.scope import Area, Role, program
from chassis.testing.programs import COUNTY, VILLAGE
from services.monitoring.measures.queries.missing import MISSING, binds_of
from tests.personas import CHEN
from tests.services.monitoring.answers import match
from tests.services.monitoring.measures.giving import post_of, started


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre, monitoring):
    """Registered on 2024-04-01 for illness and housing; husband and wife can work."""
    home = (await cadre.post("/households", json=CHEN | {"valid_from": "2023-01-01"})).json()
    await register(monitoring, home["id"], "ARRAY['01', '09']")
    return home


async def register(monitoring, household, risks):
    async with monitoring.unit(program("register", COUNTY)) as unit:
        await unit.connection.execute(
            text(
                f"UPDATE household SET monitoring_type = '3', registered_on = '2024-04-01', risks = {risks}"
                " WHERE id = :id"
            ),
            {"id": UUID(household)},
        )
        await unit.commit()


async def everything_missing(monitoring, *, on=date(2024, 6, 3)):
    """Due or not yet: of the county's gaps the list shows those alone whose time is over."""
    async with monitoring.unit(program("look", COUNTY)) as unit:
        binds = await binds_of(unit, Area.of(COUNTY), on, None)
        every = text(f"{MISSING} ORDER BY id, code, coalesce(risk, '')")
        return (await unit.connection.execute(every, binds)).all()


async def gaps(monitoring, **day):
    return [(one.code, one.risk, one.due_on.isoformat()) for one in await everything_missing(monitoring, **day)]


async def test_a_household_without_help_lacks_a_first_measure_an_answer_to_each_risk_and_work(chen, monitoring):
    assert await gaps(monitoring) == [
        ("no_developmental_measure", None, "2024-10-01"),
        ("no_measure", None, "2024-05-01"),
        ("risk_without_measure", "01", "2024-05-01"),
        ("risk_without_measure", "09", "2024-05-01"),
    ]
    assert await gaps(monitoring, on=date(2024, 3, 31)) == []


async def test_a_measure_closes_the_gap_that_its_kind_and_risk_answer(cadre, chen, monitoring):
    await started(cadre, chen, post_of(chen, kind="health", risks=["01"]))
    assert [code for code, *_ in await gaps(monitoring)] == ["no_developmental_measure", "risk_without_measure"]
    # Named for housing, but no kind that makes a house safe; yet it is developmental.
    await started(cadre, chen, post_of(chen, kind="public_post", risks=["09"]))
    assert await gaps(monitoring) == [("risk_without_measure", "09", "2024-05-01")]
    # Of the right kind, but it was over before the household was registered.
    old = await started(cadre, chen, post_of(chen, kind="housing", risks=["09"], started_on="2024-01-01"))
    end = {"reason": "completed", "ended_on": "2024-03-31"}
    assert (await cadre.post(f"/measures/{old['id']}/end", json=end, headers=match(old))).status_code == 200
    assert len(await gaps(monitoring)) == 1
    await started(cadre, chen, post_of(chen, kind="housing", risks=["09"]))
    assert await gaps(monitoring) == []


async def test_a_risk_without_kinds_of_its_own_is_answered_by_whatever_names_it(cadre, chen, monitoring):
    await register(monitoring, chen["id"], "ARRAY['07']")
    await started(cadre, chen, post_of(chen, kind="social", risks=[]))
    assert ("risk_without_measure", "07", "2024-05-01") in await gaps(monitoring)
    await started(cadre, chen, post_of(chen, kind="work", risks=["07"]))
    assert await gaps(monitoring) == []


async def test_the_list_shows_what_is_overdue_and_no_illness_to_who_may_not_know(asks, cadre, chen):
    overdue = (await cadre.get("/missing-measures")).json()["items"]
    assert [(one["code"], one["risk"]) for one in overdue] == [
        ("no_measure", None),
        ("risk_without_measure", "01"),
        ("risk_without_measure", "09"),
    ]
    assert overdue[2]["kinds"] == ["housing", "resettlement"]
    assert overdue[2]["sentence"] == "风险“因安全住房”没有相匹配的帮扶措施，请落实：住房安全、搬迁。"
    later = (await cadre.get("/missing-measures", params={"due_by": "2024-10-02"})).json()["items"]
    assert next(one["code"] for one in later) == "no_developmental_measure"
    first = (await cadre.get("/missing-measures", params={"limit": 2})).json()
    rest = (await cadre.get("/missing-measures", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["risk"] for one in (*first["items"], *rest["items"])] == [None, "01", "09"]
    city = (await asks(Role.CITY_OFFICER, 610900000000).get("/missing-measures")).json()["items"]
    assert [one["risk"] for one in city] == [None, "09"]
    other = asks(Role.TOWN_OFFICER, 610999102000)
    assert (await other.get("/missing-measures")).json()["items"] == []
    assert (await other.get("/missing-measures", params={"region": str(VILLAGE)})).status_code == 404


async def test_a_county_sets_its_own_kinds_and_months(asks, chen, monitoring):
    proposer, approver = asks(), asks()
    for key, value in (
        ("measures.match.risk_09", {"type": "list", "value": ["living_conditions"]}),
        ("measures.first.months", {"type": "integer", "value": 3}),
    ):
        body = {"scope": str(COUNTY), "key": key, "value": value, "effective_from": "2024-06-03", "source": "县发1号"}
        made = await proposer.post("/parameters", json=body)
        assert made.status_code == 201, made.text
        approved = await approver.post(
            f"/parameters/{made.json()['id']}/approve", headers={"If-Match": made.headers["ETag"]}
        )
        assert approved.status_code == 200, approved.text
    found = await gaps(monitoring)
    assert ("risk_without_measure", "09", "2024-07-01") in found
    [housing] = [one for one in await everything_missing(monitoring) if one.risk == "09"]
    assert housing.kinds == ["living_conditions"]
