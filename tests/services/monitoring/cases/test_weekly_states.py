"""What happens every week: declined, urgent, amended, removed, ended, moved, split, merged, and the list of it all."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, VILLAGE
from tests.personas import household, person
from tests.services.monitoring.cases.two_plans import OTHER_PLAN
from tests.services.monitoring.cases.village import made, refused
from tests.services.monitoring.signed import PNG, sheet

OTHER_VILLAGE = 610999101204


@pytest.fixture
async def home(them) -> dict[str, Any]:
    body = household(valid_from="2024-01-01", members=[person(), person(name="王小丽", relation="10")])
    found: dict[str, Any] = made(await them.cadre.post("/households", json=body))
    return found


async def test_a_household_declines_by_its_signature_and_may_apply_again(them, home):
    case = await them.dispatched(home)
    paper = {"signed_by": "王小明", "given_by": "paper"}
    assert refused(await them.do(them.cadre, case, "decline", **paper, signed_on="2024-06-04")) == [
        "day_ahead", "sheet_missing",
    ]  # fmt: skip
    case = made(await them.do(them.cadre, case, "decline", **paper, file_id=await sheet(them.cadre)))
    read = await them.read(case)
    [signed] = read["signatures"]
    assert (case["state"], signed["purpose"], signed["signed_by"], signed["has_sheet"]) == (
        "declined", "decline", "王小明", True,
    )  # fmt: skip
    assert read["history"][-1]["details"] == {"signed_by": "王小明", "signature": signed["id"]}
    photo = await them.county.get(f"/cases/{case['id']}/signatures/{signed['id']}/sheet")
    assert (photo.status_code, photo.content) == (200, PNG)
    assert (await them.dispatched(home))["previous_case_id"] == case["id"]


async def test_the_green_channel_lets_help_begin_before_the_register(them, chen, lines):
    case = await them.dispatched(chen)
    assert refused(await them.do(them.cadre, case, "help", help_person="刘帮扶")) == ["not_urgent"]
    assert (await them.do(them.cadre, case, "mark-urgent", note="危重")).status_code == 403
    case = made(await them.do(them.town, case, "mark-urgent", note="危重"))
    case = made(await them.do(them.cadre, case, "help", help_person="刘帮扶"))
    assert (case["state"], case["urgent"], (await them.read(case))["helped_from"]) == ("dispatched", True, "2024-06-03")


async def test_a_registered_case_is_amended_by_the_county_and_the_household_shows_it(them, chen, lines):
    case = await them.registered(chen)
    assert (await them.do(them.town, case, "amend", risks=["01"], reason="孩子毕业")).status_code == 403
    assert refused(await them.do(them.county, case, "amend", reason="未写明")) == ["no_risks"]
    case = made(await them.do(them.county, case, "amend", risks=["01", "07"], reason="孩子毕业，丈夫失业"))
    assert case["state"] == "registered"
    shown = made(await them.cadre.get(f"/households/{chen['id']}"))
    assert (shown["risks"], shown["registered_on"]) == (["01", "07"], case["registered_on"])


async def test_a_case_registered_by_mistake_is_removed_and_the_household_is_monitored_no_longer(them, chen, lines):
    case = await them.registered(chen)
    case = made(await them.do(them.county, case, "remove", reason="concealed", note="隐瞒商品房"))
    assert case["state"] == "removed"
    shown = made(await them.cadre.get(f"/households/{chen['id']}"))
    assert (shown["monitoring_type"], shown["risks"], shown["registered_on"]) == (None, [], None)
    facts = made(await them.cadre.get(f"/households/{chen['id']}/monitoring"))["facts"]
    assert [(one["monitoring_type"], one["ended_as"]) for one in facts] == [("3", None), ("3", "removed")]
    assert facts[1]["ended_on"] == "2024-06-08"
    figures = made(await them.county.get("/statistics/figures"))["groups"][0]["figures"]
    assert {one["households"] for one in figures} == {0}, "who was registered by mistake was never monitored"


async def test_a_plan_of_help_that_is_not_made_in_time_is_shown(them, chen, lines):
    case = await them.registered(chen)
    assert (case["registered_on"], case["help_plan_due_on"], case["help_plan_late"]) == (
        "2024-06-08", "2024-06-18", False,
    )  # fmt: skip
    them.program.clock.move(days=11)
    [listed] = made(await them.county.get("/cases", params={"state": "registered"}))["items"]
    assert listed["help_plan_late"] is True
    case = made(await them.do(them.town, case, "help", help_person="刘帮扶"))
    assert (case["help_plan_due_on"], case["help_plan_late"]) == (None, False)


async def test_a_case_ends_naturally_once_nobody_is_left(them, home):
    case = await them.dispatched(home)
    assert refused(await them.do(them.county, case, "end-naturally", reason="all_moved")) == ["living_members"]
    away = {"on": "2024-06-03", "reason": "外迁"}
    headers = {"If-Match": f'"{home["version"]}"'}
    made(await them.cadre.post(f"/households/{home['id']}/move-out", json=away, headers=headers))
    case = made(await them.do(them.county, case, "end-naturally", reason="all_moved"))
    assert case["state"] == "natural_end"


async def test_a_split_leaves_the_case_with_those_who_stay(them, home):
    case = await them.dispatched(home)
    leaving = [{"person_id": home["members"][1]["id"], "relation": "02"}]
    body = {"region": str(VILLAGE), "on": "2024-06-03", "leaving": leaving}
    headers = {"If-Match": f'"{home["version"]}"'}
    pair = made(await them.cadre.post(f"/households/{home['id']}/split", json=body, headers=headers))
    read = await them.read(case)
    told = [step["details"] for step in read["history"] if step["action"] == "change_household"]
    assert (read["household_id"], told) == (home["id"], [{"split_off": pair["other"]["id"]}])
    assert made(await them.county.get("/cases", params={"household_id": pair["other"]["id"]}))["items"] == []


async def merged(them, source: dict[str, Any], target: dict[str, Any]) -> None:
    relations = [{"person_id": one["id"], "relation": "97"} for one in source["members"]]
    body = {"into": target["id"], "into_version": target["version"], "on": "2024-06-03", "relations": relations}
    headers = {"If-Match": f'"{source["version"]}"'}
    made(await them.cadre.post(f"/households/{source['id']}/merge", json=body, headers=headers))


async def test_a_merger_takes_the_open_case_along(them, home):
    target = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    case = await them.dispatched(home)
    await merged(them, home, target)
    read = await them.read(case)
    assert (read["household_id"], read["state"], read["history"][-1]["action"]) == (
        target["id"], "dispatched", "change_household",
    )  # fmt: skip


async def test_of_two_open_cases_the_one_of_the_household_that_ended_ends(them, home):
    target = made(await them.cadre.post("/households", json=household(valid_from="2024-01-01")))
    ending, kept = await them.dispatched(home), await them.dispatched(target)
    await merged(them, home, target)
    ended, on = await them.read(ending), await them.read(kept)
    assert (ended["state"], ended["history"][-1]["reason"]) == ("natural_end", "merged")
    assert (on["state"], len(on["clues"])) == ("dispatched", 2)


async def test_a_case_follows_its_household_with_its_clock_and_all_of_its_papers(them, asks, home):
    case = await them.reviewed(home)
    shown = await them.published(case)
    offer = {"to_region": str(OTHER_VILLAGE), "effective_on": "2024-06-03", "reason": "搬迁"}
    now = made(await them.cadre.get(f"/households/{home['id']}"))
    headers = {"If-Match": f'"{now["version"]}"'}
    offered = made(await them.county.post(f"/households/{home['id']}/transfers", json=offer, headers=headers))
    headers = {"If-Match": f'"{offered["version"]}"'}
    accepted = {"region": str(OTHER_VILLAGE)}
    made(await them.other_county.post(f"/transfers/{offered['id']}/accept", json=accepted, headers=headers))
    there = asks(Role.VILLAGE_CADRE, OTHER_VILLAGE)
    read = made(await there.get(f"/cases/{case['id']}"))
    assert (read["state"], read["day_0"], read["region"]) == ("publicity", "2024-06-03", str(OTHER_VILLAGE))
    assert len(read["verifications"]) == len(read["votes"]) == 1
    assert made(await there.get(f"/public-lists/{shown['id']}"))["region"] == str(OTHER_VILLAGE)
    assert (await them.cadre.get(f"/cases/{case['id']}")).status_code == 404


async def test_another_county_works_by_its_own_order_and_limit(them, home, lines):
    body = {
        "scope": str(COUNTY), "key": "cases.plan", "value": {"type": "list", "value": OTHER_PLAN},
        "effective_from": "2024-06-01", "source": "县防返贫办〔2024〕9号",
    }  # fmt: skip
    too_long = body | {"value": {"type": "list", "value": ["limit 9 working", *OTHER_PLAN[1:]]}}
    answer = await them.county.post("/parameters", json=too_long)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "parameter_value")
    proposed = made(await them.county.post("/parameters", json=body))
    approval = f"/parameters/{proposed['id']}/approve"
    made(await them.other_county.post(approval, headers={"If-Match": f'"{proposed["version"]}"'}))

    await them.sign(home)
    case = await them.verified(await them.dispatched(home))
    read = await them.read(case)
    assert (read["limit_days"], read["counted_in"], read["plan"][-1]["due_on"]) == (20, "working", "2024-07-02")
    assert refused(await them.meet(case)) == ["not_compared"]
    [case] = await them.compared(case)
    assert case["state"] == "verified", "the comparison runs beside and changes no state"
    [case] = await them.met(case)
    [case] = made(await them.at_town(case))["items"]
    shown = await them.published(case)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    [case] = made(await them.at_county(await them.read(case)))["items"]
    assert made(await them.do(them.cadre, case, "register"))["monitoring_type"] == "2"


async def test_the_list_is_paged_by_due_and_filtered_by_who_holds_it_and_whether_it_is_late(them, home, chen):
    await them.sign(home)
    one, other = await them.verified(await them.dispatched(home)), await them.dispatched(chen)

    async def listed(**query: Any) -> list[str]:
        return [case["id"] for case in made(await them.county.get("/cases", params=query))["items"]]

    first = made(await them.county.get("/cases", params={"limit": 1}))
    rest = made(await them.county.get("/cases", params={"limit": 1, "cursor": first["next_cursor"]}))
    assert [page["items"][0]["id"] for page in (first, rest)] == [other["id"], one["id"]]
    assert rest["next_cursor"] is None
    assert await listed(holder="department") == [one["id"]]
    assert await listed(holder="county") == []
    assert await listed(state="dispatched") == [other["id"]]
    assert await listed(late=True) == []
    assert await listed(due_by="2024-06-06") == [other["id"]]
    them.program.clock.move(days=4)
    assert await listed(late=True) == [other["id"]]
    them.program.clock.move(days=1)
    assert await listed(holder="county") == [one["id"]], "the department is silent past its due"
    assert await listed(holder="department") == []
    assert await listed(region=str(OTHER_VILLAGE)) == []
