"""Nothing counts from before the way that a case is on, and a list that nobody hangs on any more is over."""

from __future__ import annotations

import pytest

from chassis.identifiers import new_id
from tests.services.monitoring.cases.leaving import BY_ELECTRONIC, OUT, met_out, propose, until, verified_out
from tests.services.monitoring.cases.village import ATTENDEES, made, refused, vote
from tests.services.monitoring.signed import filled


async def test_an_elimination_is_not_verified_by_what_was_seen_or_signed_at_the_entry(them, chen, ready):
    case = made(await propose(them, ready))
    old = OUT | {"verified_on": "2024-06-05", "signature": BY_ELECTRONIC | {"signed_on": "2024-06-05"}}
    answer = await them.do(them.cadre, case, "verifications", **old)
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/verified_on", "seen_before"), ("/signature/signed_on", "seen_before"),
    ]  # fmt: skip
    assert "2025-07-07" in answer.json()["errors"][0]["message"]
    form = filled(chen, case_id=case["id"], held_on="2024-06-05")
    form = made(await them.cadre.post(f"/households/{chen['id']}/interviews", json=form))
    made(await them.second.post(f"/interviews/{form['id']}/countersign", headers={"If-Match": '"1"'}))
    said = {"interview_id": form["id"], "summary": "情况属实", "risks": ["01"], "signature": BY_ELECTRONIC}
    assert "seen_before" in refused(await them.do(them.town, case, "interview-verification", **said))


async def test_an_objection_that_was_upheld_asks_for_another_visit_than_the_one_before(them, home):
    case = await them.reviewed(home)
    shown = await them.published(case)
    them.program.clock.move(days=2)
    case = made(await them.do(them.cadre, await them.read(case), "objections", words="与实际不符"))
    case = made(await them.do(them.town, case, "settle-objection", upheld=True, finding="须重新核实"))
    assert made(await them.cadre.get(f"/public-lists/{shown['id']}"))["state"] == "over"
    body = {"summary": "情况属实", "risks": ["01"]}
    answer = await them.do(them.cadre, case, "verifications", verified_on="2024-06-04", **body)
    assert refused(answer) == ["seen_before"]
    made(await them.do(them.cadre, case, "verifications", verified_on="2024-06-05", **body))


async def test_a_meeting_decides_nothing_that_was_not_compared_by_its_day(them, home, chen, ready):
    await them.sign(home)
    case = await them.verified(await them.dispatched(home))
    them.program.clock.move(days=1)
    [case] = await them.compared(case)
    answer = await them.meet(case, held_on="2025-07-07")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/cases/0", "met_before")]
    assert "2025-07-08" in answer.json()["errors"][0]["message"]
    leaving = made(await propose(them, ready))
    [leaving] = await them.compared(await verified_out(them, leaving))
    answer = await them.meet(leaving, purpose="elimination", held_on="2024-06-20")
    assert refused(answer) == ["met_before"]
    assert (await met_out(them, leaving))["state"] == "elim_reviewed"


async def test_an_attendee_who_is_unknown_or_named_twice_is_told_with_all_else(them, chen):
    await them.sign(chen)
    [case] = await them.compared(await them.verified(await them.dispatched(chen)))
    head = {"name": "陈大山", "person_id": chen["members"][0]["id"]}
    people = [head, head, {"name": "钱二", "person_id": str(new_id())}, *ATTENDEES]
    answer = await them.meet(attendees=people, cases=[vote(case, in_favour=12, recused=[99])])
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [
        ("/attendees/1/person_id", "attendee_twice"),
        ("/attendees/2/person_id", "attendee_unknown"),
        ("/cases/0/recused", "not_an_attendee"),
        ("/cases/0/recused", "related_party_voted"),
        ("/cases/0", "more_votes_than_voters"),
    ]


async def test_a_case_that_is_returned_to_its_publicity_hangs_again_for_all_its_days(them, home):
    case = await them.reviewed(home)
    made(await them.let_pass(await _shown_for(them, case, 5)))
    back = {"approved": False, "return_to": "publicity", "reason": "procedure"}
    [case] = made(await them.at_town(await them.read(case), **back))["items"]
    case = made(await them.do(them.cadre, case, "resume", note="重新公示"))
    read = await them.read(case)
    assert (read["state"], read["publicity"]["days_shown"], read["publicity"]["passes_on"]) == (
        "publicity", 0, "2024-06-13",
    )  # fmt: skip
    shown = made(await them.cadre.get(f"/public-lists/{read['publicity']['lines'][-1]['list_id']}"))
    assert refused(await them.let_pass(shown)) == ["publicity_too_short"]
    until(them, "2024-06-13")
    assert made(await them.let_pass(shown))["state"] == "over"
    assert (await them.read(case))["state"] == "passed"


@pytest.mark.parametrize("objected", [False, True])
async def test_a_list_is_over_once_its_last_household_declines(them, home, objected):
    case = await them.reviewed(home)
    shown = await them.published(case)
    case = await them.read(case)
    if objected:
        case = made(await them.do(them.cadre, case, "objections", words="与实际不符"))
    made(await them.do(them.cadre, case, "decline", signed_by="王小明", given_by="electronic"))
    assert made(await them.cadre.get(f"/public-lists/{shown['id']}"))["state"] == "over"


async def _shown_for(them, case, days):
    shown = await them.published(case)
    them.program.clock.move(days=days)
    return shown
