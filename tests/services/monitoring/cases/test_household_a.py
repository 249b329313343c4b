"""Household A from its clue to the register, on the days of the acceptance story (clause G.3)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from chassis.events.tables import outbox
from chassis.security.scope import Area
from tests.services.monitoring.cases.two_plans import DUES
from tests.services.monitoring.cases.village import made, refused


async def test_household_a_goes_from_its_clue_to_the_register_in_fourteen_days(monitoring, them, chen, lines):
    clock = monitoring.clock
    assert clock.today() == date(2024, 6, 3)
    case = made(await them.dispatch(await them.report(chen)))
    assert (case["state"], case["step"], case["holder"], case["due_on"], case["timeliness"]) == (
        "dispatched", "verified", "village", "2024-06-06", "on_time",
    )  # fmt: skip
    read = await them.read(case)
    assert {one["step"]: one["due_on"] for one in read["plan"]} == DUES
    assert (read["limit_days"], read["counted_in"], read["day_0"]) == (15, "calendar", "2024-06-03")

    clock.move(days=2)
    await them.sign(chen)
    case = await them.verified(case)
    assert (case["state"], case["holder"], case["due_on"]) == ("verified", "department", "2024-06-07")

    clock.move(days=1)
    [case] = await them.compared(case)
    assert (case["state"], case["holder"], case["timeliness"]) == ("compared", "village", "on_time")

    clock.move(days=1)
    [case] = await them.met(case)
    assert (case["state"], case["votes"][0]["in_favour"], case["risks"]) == ("village_reviewed", 9, ["01", "02", "03"])

    clock.move(days=1)
    shown = await them.published(case)
    assert (shown["shown_from"], shown["days"]) == ("2024-06-08", 5)

    clock.move(days=4)
    assert clock.today() == date(2024, 6, 12)
    case = await them.read(case)
    assert (case["publicity"]["days_shown"], case["publicity"]["passes_on"]) == (4, "2024-06-13")
    for answer in (await them.let_pass(shown), await them.at_town(case), await them.at_county(case)):
        assert refused(answer)[-1] == "publicity_too_short"
        assert answer.json()["errors"][-1]["message"] == "已公示 4 天，须满 5 天；2024-06-13 起可办理。"

    clock.move(days=1)
    shown = made(await them.let_pass(shown))
    assert shown["state"] == "over"
    [case] = made(await them.at_town(await them.read(case)))["items"]
    assert (case["state"], case["holder"], case["due_on"]) == ("town_ok", "county", "2024-06-18")

    clock.move(days=4)
    [case] = made(await them.at_county(case))["items"]
    case = made(await them.do(them.cadre, case, "register"))
    assert clock.today() == date(2024, 6, 17)
    assert (case["state"], case["monitoring_type"], case["registered_on"], case["step"]) == (
        "registered", "3", "2024-06-17", None,
    )  # fmt: skip
    read = await them.read(case)
    assert (read["basis"], read["line"]) == ("shock", "7920.00")
    assert [one["done_on"] for one in read["plan"]] == [
        "2024-06-03", "2024-06-05", "2024-06-06", "2024-06-07", "2024-06-12", "2024-06-13", "2024-06-13", "2024-06-17",
        "2024-06-17",
    ]  # fmt: skip
    assert [one["action"] for one in read["history"]] == [
        "dispatch", "record_verification", "confirm", "compare", "review", "publish", "pass", "approve_t", "approve_c",
        "register",
    ]  # fmt: skip

    household = (await them.cadre.get(f"/households/{chen['id']}")).json()
    assert (household["monitoring_type"], household["risks"], household["registered_on"]) == (
        "3", ["01", "02", "03"], "2024-06-17",
    )  # fmt: skip
    [fact] = (await them.cadre.get(f"/households/{chen['id']}/monitoring")).json()["facts"]
    assert (fact["source"], fact["source_id"], fact["holds_from"]) == ("case", case["id"], "2024-06-17")
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        told = select(outbox.c.data).where(outbox.c.type == "cn.xianjie.monitoring.case.registered.v1")
        [event] = (await connection.execute(told)).scalars()
    assert event == {
        "case": case["id"], "household": chen["id"], "monitoring_type": "3", "basis": "shock",
        "registered_on": "2024-06-17",
    }  # fmt: skip

    case = made(await them.do(them.town, case, "help", help_person="刘帮扶"))
    assert (case["state"], (await them.read(case))["help_person"]) == ("measures_active", "刘帮扶")


async def test_the_clue_that_began_the_case_is_in_it(them, chen):
    case = await them.dispatched(chen)
    read = await them.read(case)
    clue = (await them.county.get(f"/clues/{read['clues'][0]}")).json()
    assert (clue["state"], clue["case_id"]) == ("in_case", case["id"])
