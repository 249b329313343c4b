"""How cases and to-dos are asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from tests.safety.cases.case import PUBLIC_LIST, VISITED, Case, changing, with_query
from tests.safety.maker import World


def _step(name: str, **body: Any) -> Callable[[World], Mapping[str, Any]]:
    """A step of the case that the world calls so, in the version read."""
    return changing(f"case_{name}", **body)


def _listed(name: str, body: Mapping[str, Any] | None = None, **each: Any) -> Callable[[World], Mapping[str, Any]]:
    """A list of that one case."""

    def fields(world: World) -> Mapping[str, Any]:
        case = world[f"case_{name}"]
        return {"json": {**(body or {}), "cases": [{"id": case["id"], "version": case["version"], **each}]}}

    return fields


def _second(world: World) -> Mapping[str, Any]:
    seen = world["case_seen"]
    said = {"verification_id": seen["verifications"][0]["id"], "confirmed": True}
    return {"json": said, "version": seen["version"]}


def _by_form(world: World) -> Mapping[str, Any]:
    said = {"interview_id": world["case_form"]["id"], "summary": "情况属实", "risks": ["02"]}
    return {"json": said, "version": world["case_dispatched"]["version"]}


_IN_VILLAGE = {"region": str(VILLAGE)}

_MINUTES = {**_IN_VILLAGE, "minutes": "逐户评议", "attendees": [{"name": "赵一"}, {"name": "钱二"}]}

CASES = {
    "clue_dispatch": Case("/clues/{clue[id]}/dispatch", fields=changing("clue")),
    "clue_bulk_dispatch": Case(
        "/clues/dispatch",
        fields=lambda w: {"json": {"clues": [{"id": w["clue"]["id"], "version": w["clue"]["version"]}]}},
    ),
    "case_list": Case("/cases", fields=with_query(limit=200), outside="empty", marker="case_seen"),
    "case_read": Case("/cases/{case_seen[id]}", marker="case_seen"),
    "case_misroute": Case("/cases/{case_dispatched[id]}/misroute", fields=_step("dispatched", note="不属本村")),
    "case_redispatch": Case("/cases/{case_sent_back[id]}/redispatch", fields=_step("sent_back", note="仍属该村")),
    "case_record_verification": Case(
        "/cases/{case_dispatched[id]}/verifications", fields=_step("dispatched", **VISITED)
    ),
    "case_second": Case("/cases/{case_seen[id]}/second", fields=_second),
    "case_compare": Case("/cases/compare", fields=_listed("verified")),
    "case_meeting_record": Case(
        "/case-meetings", fields=_listed("compared", _MINUTES, outcome="accepted", in_favour=2, against=0, risks=["02"])
    ),
    "case_meeting_read": Case("/case-meetings/{meeting[id]}", marker="meeting"),
    "public_list_publish": Case("/public-lists", fields=_listed("reviewed", _IN_VILLAGE)),
    "public_list_read": Case(PUBLIC_LIST, marker="public_list"),
    "public_list_change": Case(PUBLIC_LIST + "/change", fields=changing("public_list", reason="更正姓名")),
    "public_list_pass": Case(PUBLIC_LIST + "/pass", fields=changing("public_list")),
    "case_object": Case("/cases/{case_hanging[id]}/objections", fields=_step("hanging", words="家中有车")),
    "case_settle_objection": Case(
        "/cases/{case_objected[id]}/settle-objection", fields=_step("objected", upheld=False, finding="已报废")
    ),
    "case_decide_town": Case("/cases/town-decisions", fields=_listed("passed", approved=True)),
    "case_decide_county": Case("/cases/county-decisions", fields=_listed("at_county", outcome="approved")),
    "case_resume": Case("/cases/{case_returned[id]}/resume", fields=_step("returned", note="已补开评议会")),
    "case_register": Case(
        "/cases/{case_approved[id]}/register", fields=lambda w: {"version": w["case_approved"]["version"]}
    ),
    "case_decline": Case(
        "/cases/{case_dispatched[id]}/decline", fields=_step("dispatched", signed_by="王小明", given_by="electronic")
    ),
    "case_verify_by_interview": Case("/cases/{case_dispatched[id]}/interview-verification", fields=_by_form),
    "case_elimination_read": Case("/cases/{case_leaving[id]}/elimination"),
    "case_propose_elimination": Case(
        "/cases/{case_leaving[id]}/propose-elimination", fields=_step("leaving", mode="helped")
    ),
    "case_eliminate": Case(
        "/cases/{case_leaving_county[id]}/eliminate", fields=lambda w: {"version": w["case_leaving_county"]["version"]}
    ),
    "case_follow_up": Case("/cases/{case_left[id]}/follow-up", fields=_step("left", note="转入跟踪")),
    "case_signature_sheet": Case("/cases/{case_seen[id]}/signatures/{case_signature[id]}/sheet"),
    "case_mark_urgent": Case("/cases/{case_dispatched[id]}/mark-urgent", fields=_step("dispatched", note="危重")),
    "case_help": Case("/cases/{case_registered[id]}/help", fields=_step("registered", help_person="刘帮扶")),
    "case_amend": Case(
        "/cases/{case_registered[id]}/amend", fields=_step("registered", risks=["07"], reason="丈夫失业")
    ),
    "case_remove": Case(
        "/cases/{case_registered[id]}/remove", fields=_step("registered", reason="concealed", note="隐瞒房产")
    ),
    "case_end_naturally": Case("/cases/{case_gone[id]}/end-naturally", fields=_step("gone", reason="all_moved")),
    "case_tell": Case("/cases/{case_refused[id]}/notices", fields=lambda _: {"json": {"told_how": "telephone"}}),
}

TODOS = {
    # What a village let lie is told up to the city by default, and to no department.
    "todo_list": Case(
        "/todos",
        fields=with_query(limit=200),
        outside="empty",
        marker="case_dispatched",
        hidden_from=(Role.PROVINCE_OFFICER, Role.DEPARTMENT_CLERK),
    ),
    "todo_count": Case("/todo-counts", outside="empty"),
}
