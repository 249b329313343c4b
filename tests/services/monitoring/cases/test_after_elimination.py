"""Household A after its elimination: followed up, and back by a linked case (clause B8, G)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import text

from chassis.events.groups import consumers_of
from chassis.jobs.sweeps import SweepRun
from chassis.testing.programs import COUNTY, officer
from services.monitoring.app import SERVICE
from services.monitoring.cases.actions.eliminate import FOLLOW_UPS
from services.monitoring.visits.actions.refresh import DUES
from tests.services.monitoring.cases.leaving import eliminated, until
from tests.services.monitoring.cases.village import made, refused, vote
from tests.services.monitoring.income.statements import recorded
from tests.services.monitoring.other_services import wage


async def test_household_a_is_followed_up_with_its_visits_and_its_yearly_update(monitoring, them, chen, ready):
    done = await eliminated(them, ready)
    early = await them.do(them.cadre, done, "follow-up", note="转入跟踪")
    assert refused(early) == ["too_early"]
    assert "2025-07-19" in early.json()["errors"][0]["message"], "what would satisfy it is a day"
    until(them, "2025-07-19")
    for sweep in (FOLLOW_UPS, FOLLOW_UPS, DUES):
        await sweep.run(SweepRun(monitoring, sweep.name, COUNTY, date(2025, 7, 19)))
    case = await them.read(done)
    assert [one["action"] for one in case["history"]][-2:] == ["eliminate", "start_follow_up"], "once, however often"
    follow = case["follow_up"]
    assert follow["updated"], "who left the register after the window's end was looked at then"
    assert "yearly_update" not in {one["kind"] for one in made(await them.cadre.get("/todos"))["items"]}
    assert (case["state"], follow["until"], follow["update_last"]) == ("follow_up", None, "2024-09-30")
    assert follow["next_visit_due_on"] == "2025-12-31", "a quarter's visit is due by the end of the next one"
    assert refused(await them.do(them.cadre, case, "follow-up", note="转入跟踪")) == ["not_in_this_state"]
    until(them, "2026-12-05")
    follow = (await them.read(case))["follow_up"]
    assert (follow["update_first"], follow["update_due_on"]) == ("2025-10-01", "2026-11-29")
    assert (follow["updated"], follow["update_late"]) == (False, True)
    awaited = {"update_awaited": True}
    assert [one["id"] for one in made(await them.cadre.get("/cases", params=awaited))["items"]] == [done["id"]]
    told = {one["kind"]: one for one in made(await them.cadre.get("/todos"))["items"]}["yearly_update"]
    assert (told["subject_id"], told["due_on"], told["since"], told["timeliness"]) == (
        done["id"], "2026-11-29", "2026-10-01", "late",
    )  # fmt: skip
    assert told["path"] == f"/households/{chen['id']}/income-statements"
    [above] = [one for one in made(await them.county.get("/todos"))["items"] if one["kind"] == "yearly_update"]
    assert above["is_escalated"], "six days late"
    await recorded(them.cadre, chen["id"], ("wage.outside_work", "30000.00", "2026-01"))
    follow = (await them.read(case))["follow_up"]
    assert (follow["updated"], follow["update_late"]) == (True, False)
    assert made(await them.cadre.get("/cases", params=awaited))["items"] == []
    assert [one["id"] for one in made(await them.cadre.get("/cases", params={"update_awaited": False}))["items"]] == [
        done["id"]
    ]
    assert "yearly_update" not in {one["kind"] for one in made(await them.cadre.get("/todos"))["items"]}


async def test_the_yearly_update_is_what_somebody_says_once_the_window_is_over_by_the_countys_own_day(
    monitoring, them, chen, ready
):
    case = await eliminated(them, ready)
    until(them, "2026-12-05")
    [consumer] = consumers_of(SERVICE, monitoring)
    await consumer.apply([wage(chen, chen["members"][0], month="2026-08")])
    assert (await them.read(case))["follow_up"]["updated"] is False, "a month's wage that employment tells"
    assert made(await them.cadre.get("/cases", params={"update_awaited": True}))["items"] != []
    await recorded(them.cadre, chen["id"], ("wage.outside_work", "30000.00", "2026-01"))
    for instant, updated in (("2026-09-30T15:59:59Z", False), ("2026-09-30T16:00:00Z", True)):
        async with monitoring.unit(officer()) as unit:
            said = {"instant": datetime.fromisoformat(instant), "household": chen["id"]}
            await unit.connection.execute(
                text(
                    "UPDATE income_line SET recorded_at = :instant"
                    " WHERE household_id = :household AND source_event_id IS NULL AND counts_on >= '2026-01-01'"
                ),
                said,
            )
        assert (await them.read(case))["follow_up"]["updated"] is updated, instant
        awaited = made(await them.cadre.get("/cases", params={"update_awaited": True}))["items"]
        assert (awaited == []) is updated, instant


async def test_household_a_comes_back_in_october_by_a_linked_case_of_type_3(them, chen, ready):
    done = await eliminated(them, ready)
    until(them, "2025-10-10")
    months = ("2025-07", "2025-08", "2025-09")
    await recorded(them.cadre, chen["id"], *(("wage.outside_work", "2800.00", month) for month in months))
    unsafe = {"item": "housing", "answer": "no", "evidence": "鉴定为 D 级", "source": "住建危房鉴定"}
    made(await them.cadre.post(f"/households/{chen['id']}/guarantee-checks", json={"checks": [unsafe]}))
    again = made(await them.dispatch(await them.report(chen, "09")))
    assert (again["previous_case_id"], again["state"], again["day_0"]) == (done["id"], "dispatched", "2025-10-10")
    assert (await them.read(done))["state"] == "eliminated", "nothing is reopened"
    await them.sign(chen)
    [case] = await them.compared(await them.verified(again, risks=["09"]))
    [case] = await them.met(case, cases=[vote(case, risks=["09"])])
    shown = await them.published(case)
    until(them, "2025-10-15")
    made(await them.let_pass(shown))
    [case] = made(await them.at_town(await them.read(case)))["items"]
    [case] = made(await them.at_county(case))["items"]
    case = made(await them.do(them.cadre, case, "register"))
    read = await them.read(case)
    assert (read["monitoring_type"], read["basis"], read["risks"]) == ("3", "guarantee", ["09"])
    household = (await them.cadre.get(f"/households/{chen['id']}")).json()
    assert (household["registered_on"], household["eliminated_on"]) == ("2025-10-15", None)
    figures = (await them.county.get("/statistics/figures")).json()["groups"][0]["figures"]
    counted = {one["figure"]: (one["households"], one["persons"]) for one in figures}
    assert (counted["registered"], counted["active"], counted["eliminated"]) == ((1, 5), (1, 5), (0, 0))
    former = made(await them.do(them.county, await them.read(done), "amend", risks=["01"], reason="当时填漏"))
    made(await them.do(them.county, former, "remove", reason="concealed", note="隐瞒商品房"))
    household = (await them.cadre.get(f"/households/{chen['id']}")).json()
    assert (household["registered_on"], household["risks"]) == ("2025-10-15", ["09"]), "the earlier case is the past"
