"""Each guard refuses its step, says what would satisfy it, and a list is decided whole or not at all."""

from __future__ import annotations

import asyncio

from chassis.identifiers import new_id
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from tests.services.monitoring.cases.leaving import decreed
from tests.services.monitoring.cases.village import VISITED, made, ref, refused
from tests.services.monitoring.signed import filled

OTHER_VILLAGE, OTHER_TOWN = 610999101204, 610999102000


async def test_a_clue_is_dispatched_once_and_by_the_county(them, asks, home):
    clue = await them.report(home)
    headers = {"If-Match": f'"{clue["version"]}"'}
    for role, region in ((Role.TOWN_OFFICER, TOWN), (Role.VILLAGE_CADRE, VILLAGE)):
        answer = await asks(role, region).post(f"/clues/{clue['id']}/dispatch", json={}, headers=headers)
        assert answer.status_code == 403
    made(await them.dispatch(clue))
    assert (await them.dispatch(clue)).status_code == 412
    assert refused(await them.dispatch(clue | {"version": clue["version"] + 1})) == ["clue_not_open"]


async def test_a_second_clue_joins_the_open_case(them, home):
    case = await them.dispatched(home)
    joined = await them.dispatched(home, urgent=True)
    assert (joined["id"], joined["state"], joined["urgent"], joined["due_on"]) == (
        case["id"], "dispatched", True, case["due_on"],
    )  # fmt: skip
    assert len((await them.read(case))["clues"]) == 2


async def test_two_dispatches_at_once_make_one_case(them, home, monitoring):
    first = await them.report(home)
    answers = await asyncio.gather(*(them.dispatch(first) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert len((await them.county.get("/cases")).json()["items"]) == 1


async def test_a_case_dispatched_elsewhere_comes_back_and_its_clock_runs_on(them, home, monitoring):
    case = await them.dispatched(home)
    monitoring.clock.move(days=2)
    case = made(await them.do(them.cadre, case, "misroute", note="该户已搬到邻村"))
    assert (case["state"], case["holder"], case["timeliness"], case["escalated_to"]) == (
        "clue", "county", "late", str(TOWN),
    )  # fmt: skip
    assert refused(await them.do(them.county, case, "redispatch")) == ["still_misrouted"]
    case = made(await them.do(them.county, case, "redispatch", note="经核实仍由该村管理"))
    assert (case["state"], case["day_0"], case["due_on"]) == ("dispatched", "2024-06-03", "2024-06-06")
    assert refused(await them.do(them.county, case, "redispatch")) == ["not_in_this_state"]


async def test_a_verification_needs_two_people_by_their_own_sign_in(them, home):
    case = await them.dispatched(home)
    seen = await them.visit(case)
    said = {"verification_id": seen["verifications"][0]["id"], "confirmed": True}
    assert refused(await them.do(them.cadre, seen, "second", **said)) == [
        "same_person", "commitment_missing", "authorisation_missing",
    ]  # fmt: skip
    await them.sign(home)
    assert made(await them.do(them.second, seen, "second", **said))["state"] == "verified"


async def test_who_cannot_write_is_helped_by_somebody_with_a_name_and_who_is_away_is_called(them, home):
    case = await them.dispatched(home)
    body = VISITED | {"can_write": False, "verified_on": "2024-06-04"}
    assert refused(await them.do(them.cadre, case, "verifications", **body)) == ["day_ahead", "helper_needed"]
    body = VISITED | {"can_write": False, "helper": "孙代笔", "mode": "telephone"}
    seen = await them.visit(case, **body)
    assert [(one["mode"], one["helper"]) for one in seen["verifications"]] == [("telephone", "孙代笔")]
    early = VISITED | {"verified_on": "2024-06-02"}
    assert refused(await them.do(them.cadre, seen, "verifications", **early)) == ["before_day_0"]


async def test_what_is_not_confirmed_dismisses_its_clues_with_the_reason(them, home):
    seen = await them.visit(await them.dispatched(home))
    said = {"verification_id": seen["verifications"][0]["id"], "confirmed": False}
    assert refused(await them.do(them.second, seen, "second", **said)) == ["reason_needed"]
    case = made(await them.do(them.second, seen, "second", **said, reason="bearable"))
    assert (case["state"], case["step"]) == ("not_confirmed", None)
    clue = (await them.county.get(f"/clues/{seen['clues'][0]}")).json()
    assert (clue["state"], clue["dismissed_reason"]) == ("dismissed", "bearable")
    later = await them.dispatched(home)
    assert later["previous_case_id"] == case["id"], "nothing is reopened: a new case names the one before"


async def test_a_case_is_not_compared_while_a_department_may_still_answer(them, home, monitoring):
    await them.sign(home)
    case = await them.verified(await them.dispatched(home))
    answer = await them.county.post("/cases/compare", json={"cases": [ref(case)]})
    assert set(refused(answer)) == {"not_answered_by"}
    assert "2024-06-07" in answer.json()["errors"][0]["message"]
    monitoring.clock.move(days=5)
    late = await them.county.post("/cases/compare", json={"cases": [ref(case)]})
    assert "逾期未反馈" in late.json()["errors"][0]["message"]
    assert (await them.read(case))["holder"] == "county", "after its limit the county goes on"


async def test_nobody_decides_on_their_own_work(them, home, monitoring, lines):
    await them.sign(home)
    seen = await them.dispatched(home)
    made(await them.do(them.town, seen, "verifications", **VISITED))
    seen = await them.read(seen)
    said = {"verification_id": seen["verifications"][0]["id"], "confirmed": True}
    [case] = await them.compared(made(await them.do(them.county, seen, "second", **said)))
    [case] = await them.met(case)
    shown = await them.published(case)
    monitoring.clock.move(days=5)
    made(await them.let_pass(shown))
    case = await them.read(case)
    assert refused(await them.at_town(case)) == ["self_approval"]
    decided = [ref(case) | {"approved": True}]
    [case] = made(await them.other_town.post("/cases/town-decisions", json={"cases": decided}))["items"]
    assert refused(await them.at_county(case)) == ["self_approval"]
    decided = [ref(case) | {"outcome": "approved"}]
    assert made(await them.other_county.post("/cases/county-decisions", json={"cases": decided}))["items"]


async def test_a_return_names_an_earlier_state_and_the_case_goes_on_from_there(them, home, monitoring):
    case = await them.reviewed(home)
    shown = await them.published(case)
    monitoring.clock.move(days=5)
    made(await them.let_pass(shown))
    case = await them.read(case)
    assert refused(await them.at_town(case, approved=False)) == ["return_to_unknown", "reason_needed"]
    back = {"approved": False, "return_to": "registered", "reason": "other"}
    assert refused(await them.at_town(case, **back)) == ["return_to_unknown", "note_needed"]
    back = {"approved": False, "return_to": "compared", "reason": "procedure", "note": "评议记录缺签字"}
    [case] = made(await them.at_town(case, **back))["items"]
    assert (case["state"], case["holder"]) == ("returned_t", "village")
    case = made(await them.do(them.cadre, case, "resume", note="补开评议会"))
    assert case["state"] == "compared"
    [case] = await them.met(case)
    shown = await them.published(case)
    assert (await them.read(case))["publicity"]["days_shown"] == 0, "it is shown once more for all of its days"
    assert refused(await them.do(them.cadre, case | {"version": case["version"] + 1}, "resume", note="再")) == [
        "not_in_this_state"
    ]


async def test_the_county_refuses_with_a_reason_that_the_applicant_is_told(them, chen, lines):
    case = await them.reviewed(chen)
    shown = await them.published(case)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    [case] = made(await them.at_town(await them.read(case)))["items"]
    assert refused(await them.at_county(case, outcome="refused")) == ["reason_needed", "told_needed", "told_how_needed"]
    told = {"outcome": "refused", "refusal": "assets", "told_on": "2024-06-08", "told_how": "written"}
    [case] = made(await them.at_county(case, **told))["items"]
    assert (case["state"], case["step"]) == ("rejected_c", None)
    read = await them.read(case)
    assert read["history"][-1]["reason"] == "assets"
    assert [(one["told_how"], one["state"]) for one in read["notices"]] == [("written", "rejected_c")]


async def test_a_household_out_of_range_is_not_registered(them, home, lines):
    case = await them.approved(home)
    income = {"lines": [{"kind": "wage.outside_work", "amount": "90000.00", "month": "2024-04", "source": "务工"}]}
    made(await them.cadre.post(f"/households/{home['id']}/income-statements", json=income))
    assert refused(await them.do(them.cadre, case, "register")) == ["not_in_range"]
    assert refused(await them.do(them.cadre, case, "help", help_person="刘帮扶")) == ["not_urgent"]


async def test_the_county_approves_nobody_out_of_range_and_may_return_or_refuse_instead(them, home, chen, lines):
    income = {"lines": [{"kind": "wage.outside_work", "amount": "90000.00", "month": "2024-04", "source": "务工"}]}
    made(await them.cadre.post(f"/households/{home['id']}/income-statements", json=income))
    cases = [await them.reviewed(one) for one in (chen, home)]
    shown = await them.published(*cases)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    cases = made(await them.at_town(*[await them.read(case) for case in cases]))["items"]
    answer = await them.at_county(*cases)
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/cases/1", "not_in_range")]
    assert (await them.read(cases[1]))["state"] == "town_ok"
    back = {"outcome": "returned", "return_to": "compared"}
    answer = await them.at_county(cases[1], **back)
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/cases/0/return_reason"]
    answer = await them.at_county(cases[1], outcome="refused")
    assert next(one["pointer"] for one in answer.json()["errors"]) == "/cases/0/refusal"
    told = {"outcome": "refused", "refusal": "not_in_range", "told_on": "2024-06-08", "told_how": "written"}
    [case] = made(await them.at_county(cases[1], **told))["items"]
    assert (case["state"], case["holder"]) == ("rejected_c", None)


async def test_what_is_stale_is_named_in_a_list(them, chen, home):
    one, other = await them.dispatched(chen), await them.dispatched(home)
    await them.visit(one)
    answer = await them.county.post("/cases/compare", json={"cases": [ref(other), ref(one)]})
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (412, ["/cases/1/version"])


async def test_no_stranger_finds_a_case(them, asks, home):
    case = await them.dispatched(home)
    for role, region in ((Role.VILLAGE_CADRE, OTHER_VILLAGE), (Role.TOWN_OFFICER, OTHER_TOWN)):
        stranger = asks(role, region)
        assert (await stranger.get(f"/cases/{case['id']}")).status_code == 404
        assert (await stranger.get("/cases")).json()["items"] == []
        assert (await them.do(stranger, case, "verifications", **VISITED)).status_code == 404
    assert (await asks(Role.DEPARTMENT_CLERK, COUNTY, department="medical").get("/cases")).status_code == 403


async def test_an_auditor_reads_the_case_and_nothing_of_health(them, asks, home):
    case = await them.visit(await them.dispatched(home))
    read = made(await asks(Role.AUDITOR).get(f"/cases/{case['id']}"))
    assert (read["risks"], read["verifications"][0]["summary"]) == (["02"], None)


async def test_names_of_helpers_and_signers_are_masked_for_who_does_not_work_with_the_family(them, asks, home):
    case = await them.visit(await them.dispatched(home), can_write=False, helper="孙代笔")
    made(await them.do(them.cadre, case, "decline", signed_by="王小明", given_by="electronic"))
    read = made(await asks(Role.AUDITOR).get(f"/cases/{case['id']}"))
    assert (read["verifications"][0]["helper"], read["history"][-1]["details"]["signed_by"]) == ("孙**", "王**")


async def test_a_phone_hands_in_a_verification_and_twice_is_once(them, home):
    case = await them.dispatched(home)
    operation = {
        "op_id": str(new_id()), "kind": "case.verify", "entity_id": case["id"], "base_version": None,
        "recorded_at": "2024-06-03T07:30:00+08:00", "payload": VISITED,
    }  # fmt: skip
    outcomes = []
    for _ in range(2):
        answer = await them.cadre.post("/operations", json={"operations": [operation]})
        outcomes.append(made(answer)["results"][0]["outcome"])
    assert outcomes == ["applied", "duplicate"]
    assert [one["id"] for one in (await them.read(case))["verifications"]] == [operation["op_id"]]


async def test_a_verification_without_a_network_is_of_its_own_day_and_not_before_the_way_that_it_is_for(them, home):
    case = await them.dispatched(home)
    them.program.clock.move(days=2)
    operation = {"op_id": str(new_id()), "kind": "case.verify", "entity_id": case["id"], "payload": VISITED}
    for day, outcome in (("2024-06-02", "rejected"), ("2024-06-04", "applied")):
        said = operation | {"op_id": str(new_id()), "recorded_at": f"{day}T15:30:00+08:00"}
        [done] = made(await them.cadre.post("/operations", json={"operations": [said]}))["results"]
        assert done["outcome"] == outcome
    assert [one["verified_on"] for one in (await them.read(case))["verifications"]] == ["2024-06-04"]


async def test_a_countersigned_form_counts_as_the_verification_by_its_two_signers(them, home):
    case = await them.dispatched(home)
    form = made(await them.cadre.post(f"/households/{home['id']}/interviews", json=filled(home, case_id=case["id"])))
    said = {"interview_id": form["id"], "summary": "情况属实", "risks": ["02"]}
    assert refused(await them.do(them.second, case, "interview-verification", **said)) == [
        "not_countersigned", "commitment_missing", "authorisation_missing",
    ]  # fmt: skip
    made(await them.second.post(f"/interviews/{form['id']}/countersign", headers={"If-Match": '"1"'}))
    await them.sign(home)
    case = made(await them.do(them.town, case, "interview-verification", **said))
    read = await them.read(case)
    [seen] = read["verifications"]
    assert (case["state"], seen["outcome"], seen["interview_id"]) == ("verified", "confirmed", form["id"])
    assert seen["first_subject"] != seen["second_subject"]
    assert [one["subject"] for one in read["history"]][-2:] == [seen["first_subject"], seen["second_subject"]]


async def test_a_town_approves_after_it_has_looked_at_what_its_county_lists(them, home):
    await decreed(them, "cases.checklist.town", "list", ["资料齐全", "入户抽查"])
    case = await them.reviewed(home)
    shown = await them.published(case)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    case = await them.read(case)
    answer = await them.at_town(case, checked=["资料齐全"])
    assert (refused(answer), answer.json()["errors"][0]["message"]) == (["not_checked"], "请先核对：入户抽查。")
    [case] = made(await them.at_town(case, checked=["资料齐全", "入户抽查"]))["items"]
    assert (await them.read(case))["history"][-1]["details"] == {"checked": "资料齐全、入户抽查"}
