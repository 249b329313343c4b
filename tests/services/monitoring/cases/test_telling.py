"""Who reported themselves learns by their receipt that it came to nothing, and how they were told is on record."""

from __future__ import annotations

from typing import Any

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY
from tests.services.monitoring.cases.village import Officials, made, refused, vote
from tests.services.monitoring.clues.reporting import anonymous, told

ANEW = "有新情况可随时再次申报；不认可的，可向乡镇窗口、12317 或 12345 反映。"
TOLD = {"told_on": "2024-06-03", "told_how": "telephone"}


@pytest.fixture
async def applied(asks, them, chen, divisions) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Who holds a receipt may ask by it; household A's own report, dispatched."""
    public = anonymous(asks())
    receipt = made(await public.post("/self-reports", json=told()))
    [clue] = made(await them.county.get("/clues"))["items"]
    return public, receipt, made(await them.dispatch(clue))


async def status(public: Any, receipt: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = made(await public.post("/self-reports/status", json=receipt))
    return found


async def not_confirmed(them: Officials, case: dict[str, Any], **said: Any) -> Any:
    seen = await them.visit(case)
    body = {"verification_id": seen["verifications"][-1]["id"], "confirmed": False, "reason": "bearable"} | said
    return await them.do(them.second, seen, "second", **body)


async def test_a_report_that_was_not_confirmed_is_not_closed_before_its_applicant_was_told(applied, them):
    public, receipt, case = applied
    assert await status(public, receipt) == {"state": "handled", "outcome": None}, "that a case runs is no refusal"
    assert refused(await not_confirmed(them, case)) == ["told_needed", "told_how_needed"]
    case = made(await not_confirmed(them, await them.read(case), **TOLD))
    assert case["state"] == "not_confirmed"
    assert await status(public, receipt) == {
        "state": "handled",
        "outcome": {
            "kind": "refused", "reason": "bearable", "reason_label": "家庭能够承受", "decided_on": "2024-06-03",
            "told_on": "2024-06-03", "told_how": "telephone", "turn_to": ANEW,
        },
    }  # fmt: skip


async def test_a_report_whose_case_the_village_refused_says_so_by_its_receipt(applied, them, chen):
    public, receipt, case = applied
    await them.sign(chen)
    [case] = await them.compared(await them.verified(case))
    [case] = await them.met(
        case, cases=[vote(case, outcome="refused", in_favour=2, against=7, reason="support", **TOLD)]
    )
    outcome = (await status(public, receipt))["outcome"]
    assert (outcome["kind"], outcome["reason"], outcome["reason_label"]) == (
        "refused", "support", "有赡养抚养人能够保障",
    )  # fmt: skip
    assert (await them.dispatched(chen))["previous_case_id"] == case["id"], "it may apply again any time"
    assert (await status(public, receipt))["outcome"] == outcome


@pytest.fixture
async def handed_in(asks, them, chen, divisions) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    """Who holds a receipt may ask by it; household A's own report, whose clue waits for the county."""
    public = anonymous(asks())
    receipt = made(await public.post("/self-reports", json=told()))
    [clue] = made(await them.county.get("/clues"))["items"]
    return public, receipt, clue


async def dismiss(them: Officials, clue: dict[str, Any], **said: Any) -> Any:
    headers = {"If-Match": f'"{clue["version"]}"'}
    return await them.county.post(f"/clues/{clue['id']}/dismiss", json={"reason": "bearable"} | said, headers=headers)


async def test_a_report_of_which_no_case_is_made_is_not_dismissed_before_its_applicant_was_told(handed_in, them):
    public, receipt, clue = handed_in
    assert refused(await dismiss(them, clue)) == ["told_needed", "told_how_needed"]
    assert refused(await dismiss(them, clue, told_how="telephone", told_on="2024-06-04")) == ["day_ahead"]
    assert await status(public, receipt) == {"state": "received", "outcome": None}
    made(await dismiss(them, clue, **TOLD, told_by="周敏"))
    assert await status(public, receipt) == {
        "state": "handled",
        "outcome": {
            "kind": "dismissed", "reason": "bearable", "reason_label": "家庭能够承受", "decided_on": "2024-06-03",
            "told_on": "2024-06-03", "told_how": "telephone", "turn_to": ANEW,
        },
    }  # fmt: skip
    [notice] = made(await them.county.get(f"/clues/{clue['id']}"))["notices"]
    assert (notice["told_by"], notice["told_how"], notice["told_on"]) == ("周敏", "telephone", "2024-06-03")


async def test_who_was_told_of_a_dismissal_may_be_told_once_more_in_writing(handed_in, them, asks):
    _, _, clue = handed_in
    path, letter = f"/clues/{clue['id']}/notices", {"told_how": "written", "words": "可随时重新申请"}
    assert refused(await them.cadre.post(path, json=letter)) == ["clue_not_dismissed"]
    them.program.clock.move(days=1)
    made(await dismiss(them, clue, **TOLD))
    assert refused(await them.cadre.post(path, json=letter | {"told_on": "2024-06-03"})) == ["told_too_early"]
    made(await them.cadre.post(path, json=letter | {"told_by": "周敏"}))
    notices = made(await them.county.get(f"/clues/{clue['id']}"))["notices"]
    assert [(one["told_how"], one["words"]) for one in notices] == [("telephone", None), ("written", "可随时重新申请")]
    assert notices[0]["recorded_by"] != notices[1]["recorded_by"]
    auditor = made(await asks(Role.AUDITOR, COUNTY).get(f"/clues/{clue['id']}"))["notices"][1]
    assert (auditor["told_by"], auditor["words"]) == ("周*", None)


async def test_nobody_has_to_be_told_of_a_cadres_own_report_that_is_dismissed(them, chen):
    clue = await them.report(chen)
    assert made(await dismiss(them, clue))["state"] == "dismissed"
    assert made(await them.county.get(f"/clues/{clue['id']}"))["notices"] == []


async def test_that_a_report_is_of_nobody_here_is_told_and_a_registration_never_is(asks, applied, them, chen, lines):
    public, receipt, case = applied
    other = made(await public.post("/self-reports", json=told(name="王小明")))
    [waiting] = made(await them.town.get("/self-reports"))["items"]
    headers = {"If-Match": f'"{waiting["version"]}"'}
    made(
        await them.town.post(
            f"/self-reports/{waiting['id']}/match", json={"reason": "unknown", "note": "查无此人"}, headers=headers
        )
    )
    found = await status(public, other)
    assert (found["state"], found["outcome"]["kind"], found["outcome"]["reason"]) == ("handled", "not_ours", "unknown")
    await them.sign(chen)
    [case] = await them.met(*await them.compared(await them.verified(case)))
    shown = await them.published(case)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    [case] = made(await them.at_town(await them.read(case)))["items"]
    [case] = made(await them.at_county(case))["items"]
    made(await them.do(them.cadre, case, "register"))
    assert await status(public, receipt) == {"state": "handled", "outcome": None}


async def test_a_household_may_be_told_once_more_and_only_of_a_case_that_came_to_nothing(them, asks, chen):
    case = await them.dispatched(chen)
    path, letter = f"/cases/{case['id']}/notices", {"told_how": "written", "words": "可随时重新申请"}
    assert refused(await them.cadre.post(path, json=letter)) == ["nothing_to_tell"]
    them.program.clock.move(days=1)
    made(await not_confirmed(them, case))
    assert refused(await them.cadre.post(path, json=letter | {"told_on": "2024-06-03"})) == ["told_too_early"]
    assert refused(await them.cadre.post(path, json=letter | {"told_on": "2024-06-05"})) == ["day_ahead"]
    made(await them.cadre.post(path, json=letter | {"told_by": "周敏"}))
    made(await them.town.post(path, json={"told_how": "telephone"}))
    notices = (await them.read(case))["notices"]
    assert [(one["told_how"], one["told_on"], one["state"]) for one in notices] == [
        ("written", "2024-06-04", "not_confirmed"), ("telephone", "2024-06-04", "not_confirmed"),
    ]  # fmt: skip
    assert (notices[0]["told_by"], notices[0]["words"]) == ("周敏", "可随时重新申请")
    assert notices[0]["recorded_by"] != notices[1]["recorded_by"]
    auditor = made(await asks(Role.AUDITOR, COUNTY).get(f"/cases/{case['id']}"))["notices"][0]
    assert (auditor["told_by"], auditor["words"]) == ("周*", None)
