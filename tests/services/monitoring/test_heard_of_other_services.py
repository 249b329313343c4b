"""What assets and employment tell makes one line and one spell for each fact, twice, late, shuffled or revised."""

from __future__ import annotations

import random
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.database.metadata import rows
from chassis.events.event import Envelope
from chassis.events.groups import consumers_of
from chassis.events.tables import parked
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.employment.contract import SpellEnded, SpellStarted
from services.monitoring.app import SERVICE
from services.monitoring.work.tables import WorkSpell
from tests.personas import CHEN, number, person
from tests.services.monitoring.other_services import dividend, subsidy, told, wage

_SPELL = rows(WorkSpell)
SON = person(name="陈小山", relation="20", identity_number=number("19980101"))


@pytest.fixture
def hears(monitoring):
    async def hear(*envelopes: Envelope) -> None:
        [consumer] = consumers_of(SERVICE, monitoring)
        await consumer.apply(envelopes)

    return hear


@pytest.fixture
async def chen(asks):
    """A family at home with a grown son, as its cadre sees it."""
    cadre = asks(Role.VILLAGE_CADRE, VILLAGE)
    body = CHEN | {"valid_from": "2023-01-01", "members": [*CHEN["members"], SON]}
    answer = await cadre.post("/households", json=body)
    assert answer.status_code == 201, answer.text
    return cadre, answer.json()


async def income(cadre, home, **query):
    answer = await cadre.get(f"/households/{home['id']}/income", params={"on": "2024-06-03"} | query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def kinds(cadre, home):
    return {line["kind"]: line["amount"] for line in (await income(cadre, home))["lines"]}


async def test_each_fact_is_one_line_of_its_kind_and_says_who_told_it(chen, hears):
    cadre, home = chen
    son = home["members"][-1]
    await hears(dividend(home), wage(home, son), subsidy(home, son))
    assert await kinds(cadre, home) == {
        "property.asset_dividend": "730.00",
        "wage.outside_work": "2800.00",
        "transfer.employment_subsidy": "500.00",
    }
    lines = (await income(cadre, home))["lines"]
    assert {line["person_id"] for line in lines if line["kind"] != "property.asset_dividend"} == {son["id"]}
    assert {line["source"] for line in lines} == {"资产台账：收益分配", "就业台账：工资", "就业台账：补贴"}
    answer = await cadre.patch(
        f"/income-lines/{lines[0]['id']}", json={"amount": "1.00", "reason": "x"}, headers={"If-Match": '"1"'}
    )
    assert [error["code"] for error in answer.json()["errors"]] == ["line_from_event"]


@pytest.mark.parametrize(
    ("told_kind", "kind"),
    [
        ({"kind": "workshop"}, "wage.outside_work"),
        ({"kind": "self"}, "operating_income.other"),
        ({"kind": "post", "post_level": "village"}, "wage.village_post"),
        ({"kind": "post", "post_level": "sector"}, "wage.sector_post"),
        ({"kind": "post"}, "wage.undivided"),
        ({"kind": "of_next_year"}, "wage.undivided"),
    ],
)
async def test_a_wage_stands_under_what_earned_it(chen, hears, told_kind, kind):
    cadre, home = chen
    await hears(wage(home, home["members"][0], **told_kind))
    assert await kinds(cadre, home) == {kind: "2800.00"}


async def test_facts_that_come_three_times_and_shuffled_are_counted_once(chen, hears):
    cadre, home = chen
    members = home["members"]
    facts = [dividend(home, fen) for fen in (73_000, 56_000)] + [wage(home, member) for member in members]
    line, month = new_id(), new_id()
    facts += [dividend(home, 90_000 + revision, line=line, revision=revision) for revision in (1, 2, 3)]
    facts += [wage(home, members[0], fen, wage_id=month, revision=n) for n, fen in ((1, 5_000), (2, 0))]
    thrice = facts * 3
    random.Random(5).shuffle(thrice)
    for start in range(0, len(thrice), 4):
        await hears(*thrice[start : start + 4])
    shown = await income(cadre, home)
    assert sorted(line["amount"] for line in shown["lines"]) == sorted(
        ["730.00", "560.00", "900.03", *["2800.00" for _ in members]]
    )


async def test_a_revision_keeps_what_the_line_said_and_what_is_taken_back_counts_no_more(chen, hears, monitoring):
    cadre, home = chen
    line = new_id()
    await hears(dividend(home, 73_000, line=line))
    await hears(dividend(home, 56_000, line=line, revision=2, paid_on=date(2024, 1, 25)))
    [shown] = (await income(cadre, home))["lines"]
    assert (shown["amount"], shown["on"], shown["version"]) == ("560.00", "2024-01-25", 2)
    await hears(dividend(home, 73_000, line=line))  # the first again, late
    await hears(dividend(home, 0, line=line, revision=3))
    assert (await income(cadre, home))["net"] == "0.00"
    said = (await cadre.get(f"/income-lines/{shown['id']}/history")).json()["items"]
    assert [(version["amount"], version["reason"]) for version in said] == [
        ("730.00", "来源系统更正"),
        ("560.00", "来源系统更正"),
    ]
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        entries = select(audit_entry.c.action).where(audit_entry.c.entity_id == UUID(shown["id"]))
        actions = (await connection.execute(entries.order_by(audit_entry.c.id))).scalars().all()
    assert actions == ["income.record", "income.correct", "income.withdraw"]
    await hears(dividend(home, 0))  # taken back before anybody heard of it
    assert (await income(cadre, home))["lines"] == []


async def test_a_fact_about_somebody_unknown_waits_and_holds_up_nobody_else(chen, hears, monitoring):
    cadre, home = chen
    stranger = {"id": str(new_id())}
    await hears(wage(home, stranger), dividend(stranger), wage(home, home["members"][0]))
    assert await kinds(cadre, home) == {"wage.outside_work": "2800.00"}
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        waiting = (await connection.execute(select(parked.c.state, parked.c.tries))).all()
    assert [tuple(row) for row in waiting] == [("waiting", 0), ("waiting", 0)]


async def test_a_wage_goes_to_the_household_that_its_earner_lives_in_by_now(chen, hears, asks):
    cadre, home = chen
    county, son = asks(), home["members"][-1]
    split = await county.post(
        f"/households/{home['id']}/split",
        json={
            "leaving": [{"person_id": son["id"], "relation": "02"}],
            "region": VILLAGE,
            "on": "2024-02-01",
        },
        headers={"If-Match": f'"{home["version"]}"'},
    )
    assert split.status_code == 201, split.text
    other = split.json()["other"]
    await hears(wage(home, son))
    assert await kinds(cadre, home) == {}
    assert await kinds(cadre, other) == {"wage.outside_work": "2800.00"}


async def test_a_spell_of_work_is_known_whichever_end_is_heard_of_first(chen, hears, asks):
    cadre, home = chen
    son, spell = home["members"][-1], new_id()
    about = {"spell": spell, "person": son["id"], "kind": "workshop", "place": COUNTY}
    ended = told(SpellEnded(**about, on=date(2024, 5, 2), reason="other_job"), spell, 2)
    started = told(SpellStarted(**about, on=date(2023, 9, 1)), spell)
    await hears(ended, ended)
    await hears(started, ended, started)
    path = f"/persons/{son['id']}/work-spells"
    [shown] = (await cadre.get(path)).json()["items"]
    shown.pop("recorded_at")
    assert shown == {
        "id": str(spell),
        "person_id": son["id"],
        "kind": "workshop",
        "place": str(COUNTY),
        "started_on": "2023-09-01",
        "ended_on": "2024-05-02",
        "end_reason": "other_job",
        "version": 2,
    }
    assert (await asks(Role.TOWN_OFFICER, TOWN + 1000).get(path)).status_code == 404
