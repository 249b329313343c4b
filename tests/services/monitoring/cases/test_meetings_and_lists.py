"""A meeting votes and a public list shows many cases at once; an objection stops the days of its own."""

from __future__ import annotations

import pytest

from tests.services.monitoring.cases.village import ATTENDEES, made, ref, refused, vote

OTHER_VILLAGE = 610999101204
TOLD = {"told_on": "2024-06-03", "told_how": "in_person"}


async def test_a_related_party_does_not_vote(them, chen):
    await them.sign(chen)
    [case] = await them.compared(await them.verified(await them.dispatched(chen)))
    wife = next(one for one in chen["members"] if one["name"] == "李秀兰")
    present = [*ATTENDEES, {"name": "李秀兰", "person_id": wife["id"]}, {"name": "陈小弟", "related_to": [case["id"]]}]
    body = {"attendees": present, "cases": [vote(case, in_favour=11)]}
    answer = await them.meet(case, **body)
    assert refused(answer) == ["related_party_voted", "more_votes_than_voters"]
    assert "10、11" in answer.json()["errors"][0]["message"]
    [case] = await them.met(case, attendees=present, cases=[vote(case, recused=[10, 11])])
    assert (case["state"], case["votes"][0]["recused"]) == ("village_reviewed", 2)


async def test_one_meeting_decides_many_cases_each_with_its_own_outcome(them, chen, home):
    for one in (chen, home):
        await them.sign(one)
    cases = await them.compared(*[await them.verified(await them.dispatched(one)) for one in (chen, home)])
    votes = [vote(cases[0]), vote(cases[1], outcome="refused", in_favour=2, against=7)]
    assert refused(await them.meet(*cases, cases=votes)) == ["reason_needed", "told_needed", "told_how_needed"]
    assert (await them.read(cases[0]))["state"] == "compared", "all or none"
    votes[1] |= {"reason": "support", "told_on": "2024-06-03", "told_how": "in_person", "told_by": "赵一"}
    accepted, rejected = await them.met(*cases, cases=votes)
    assert (accepted["state"], rejected["state"]) == ("village_reviewed", "rejected_v")
    assert rejected["history"][-1]["details"]["told_on"] == "2024-06-03"
    [notice] = rejected["notices"]
    assert (notice["state"], notice["told_on"], notice["told_how"], notice["told_by"]) == (
        "rejected_v", "2024-06-03", "in_person", "赵一",
    )  # fmt: skip
    assert accepted["notices"] == []
    meeting = made(await them.county.get(f"/case-meetings/{accepted['votes'][0]['meeting_id']}"))
    assert {one["case_id"]: one["outcome"] for one in meeting["votes"]} == {
        accepted["id"]: "accepted", rejected["id"]: "refused",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"outcome": "refused", "reason": "support", **TOLD}, ["outcome_against_votes"]),
        ({"recused": [10]}, ["not_an_attendee"]),
        ({"risks": ["99", "04"]}, ["risk_unexplained", "disaster_kind_missing"]),
        ({"outcome": "refused", "in_favour": 1, "against": 8, "reason": "other", **TOLD | {"told_on": "2024-06-04"}},
         ["note_needed", "day_ahead"]),
    ],
)  # fmt: skip
async def test_a_vote_that_cannot_stand_is_refused(them, home, changes, codes):
    await them.sign(home)
    [case] = await them.compared(await them.verified(await them.dispatched(home)))
    assert refused(await them.meet(case, cases=[vote(case, **changes)])) == codes


async def test_a_meeting_and_a_list_are_of_one_village(them, asks, home):
    case = await them.dispatched(home)
    other = {"region": str(OTHER_VILLAGE), "held_on": "2024-06-04"}
    assert set(refused(await them.meet(case, **other))) >= {"not_in_this_state", "other_village", "day_ahead"}
    twice = await them.meet(case, cases=[vote(case), vote(case)])
    assert refused(twice) == ["named_twice"]
    body = {"region": str(OTHER_VILLAGE), "cases": [ref(case)]}
    assert "other_village" in refused(await them.county.post("/public-lists", json=body))


async def test_an_objection_stops_the_days_and_a_dismissed_one_leaves_those_that_were_left(them, home, monitoring):
    case = await them.reviewed(home)
    shown = await them.published(case)
    monitoring.clock.move(days=3)
    case = made(await them.do(them.cadre, await them.read(case), "objections", words="该户有小汽车"))
    assert (case["state"], case["holder"]) == ("objected", "town")
    assert refused(await them.let_pass(shown)) == ["list_closed"]
    assert (await them.do(them.cadre, case, "settle-objection", upheld=False, finding="车已报废")).status_code == 403
    monitoring.clock.move(days=2)
    case = made(await them.do(them.town, case, "settle-objection", upheld=False, finding="车已报废"))
    read = await them.read(case)
    assert (read["state"], read["publicity"]["days_shown"], read["publicity"]["passes_on"]) == (
        "publicity", 3, "2024-06-10",
    )  # fmt: skip
    monitoring.clock.move(days=2)
    made(await them.let_pass(shown))
    assert (await them.read(case))["state"] == "passed"


async def test_an_objection_that_is_upheld_leads_back_to_the_verification(them, home, monitoring):
    case = await them.reviewed(home)
    await them.published(case)
    case = made(await them.do(them.cadre, await them.read(case), "objections", words="该户有小汽车"))
    case = made(await them.do(them.town, case, "settle-objection", upheld=True, finding="属实，重新核实"))
    read = await them.read(case)
    assert (read["state"], read["objections"][0]["state"]) == ("dispatched", "upheld")
    assert [one["step"] for one in read["plan"] if one["done_on"]] == ["dispatched"]
    assert refused(await them.do(them.town, case, "settle-objection", upheld=True, finding="再")) == [
        "not_in_this_state", "no_open_objection",
    ]  # fmt: skip


async def test_a_changed_list_is_shown_anew(them, chen, home, monitoring):
    one, other = await them.reviewed(chen), await them.reviewed(home)
    shown = await them.published(one)
    monitoring.clock.move(days=4)
    headers = {"If-Match": f'"{shown["version"]}"'}
    body = {"reason": "补充一户", "add": [ref(other)]}
    anew = made(await them.cadre.post(f"/public-lists/{shown['id']}/change", json=body, headers=headers))
    assert (anew["shown_from"], anew["replaces_id"], len(anew["lines"])) == ("2024-06-07", shown["id"], 2)
    monitoring.clock.move(days=4)
    assert refused(await them.let_pass(anew)) == ["publicity_too_short"] * 2
    assert made(await them.county.get(f"/public-lists/{shown['id']}"))["state"] == "replaced"
    again = await them.cadre.post(
        f"/public-lists/{shown['id']}/change", json=body | {"add": []}, headers={"If-Match": '"2"'}
    )
    assert refused(again) == ["list_closed"]
