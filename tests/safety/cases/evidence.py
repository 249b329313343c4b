"""How consents, comparisons, interviews and papers are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.testing.programs import COUNTY, VILLAGE
from tests.safety.cases.case import CHEN, PUBLIC_LIST, Case, changing, with_body, with_query
from tests.safety.maker import World
from tests.services.monitoring.signed import authorisation, filled


def _sheet(world: World) -> Mapping[str, Any]:
    asked = world["comparison"]
    rows = [f"{asked['id']},{asked['version']},{item['id']},无记录" for item in asked["items"]]
    return {"content": "\r\n".join(["请求编号,版本,事项编号,结果", *rows]).encode()}


_COMPARISON = "/comparison-requests/{comparison[id]}"

EVIDENCE = {
    "consent_record": Case(
        CHEN + "/consents",
        fields=lambda world: {"json": authorisation(world["chen"])},
    ),
    "consent_list": Case(CHEN + "/consents", marker="consent", named=True),
    "consent_read": Case("/consents/{consent[id]}", marker="consent", named=True),
    "consent_sheet": Case("/consents/{consent[id]}/sheet"),
    "consent_withdraw": Case("/consents/{consent[id]}/withdraw", fields=changing("consent", reason="本人要求")),
    "comparison_list": Case("/comparison-requests", fields=with_query(limit=200), outside="empty", marker="comparison"),
    "comparison_read": Case(_COMPARISON, marker="comparison", named=True),
    "comparison_reveal": Case(_COMPARISON + "/reveal", fields=with_body(purpose="家庭经济状况核对")),
    "comparison_answer": Case(_COMPARISON + "/answer", fields=changing("comparison", rest="as_known")),
    "comparison_answer_many": Case(
        "/comparison-requests/answers",
        fields=lambda world: {
            "json": {"answers": [{"request_id": world["comparison"]["id"], "version": 1, "rest": "as_known"}]}
        },
        outside="each",
    ),
    "comparison_record_silence": Case(
        "/comparison-requests/{unanswered[id]}/record-silence", fields=lambda w: {"version": w["unanswered"]["version"]}
    ),
    "comparison_sheet_download": Case(
        "/comparison-sheet", fields=with_query(form="csv", purpose="核对"), outside="empty", marker="comparison"
    ),
    "comparison_sheet_answer": Case("/comparison-sheet", fields=_sheet, outside="each"),
    "interview_form_list": Case("/interview-forms", outside="same"),
    "interview_form_read": Case("/interview-forms/household_check", outside="same"),
    "interview_prefilled_share": Case(
        "/interview-forms/household_check/prefilled-share", fields=with_query(region=str(VILLAGE))
    ),
    "interview_draft": Case(CHEN + "/interview-draft", marker="household"),
    "interview_record": Case(CHEN + "/interviews", fields=lambda world: {"json": filled(world["chen"])}),
    "interview_list": Case(CHEN + "/interviews", marker="interview"),
    "interview_read": Case("/interviews/{interview[id]}", marker="interview"),
    "interview_countersign": Case(
        "/interviews/{interview[id]}/countersign", fields=lambda w: {"version": w["interview"]["version"]}
    ),
    "interview_withdraw": Case("/interviews/{interview[id]}/withdraw", fields=changing("interview", reason="填错")),
}

PAPERS = {
    "paper_print": Case(
        "/papers",
        fields=lambda w: {"json": {"forms": ["card"], "household_ids": [w["household"]], "purpose": "上墙"}},
    ),
    "paper_export": Case(
        "/papers/national-rows",
        fields=lambda w: {"json": {"household_ids": [w["household"]], "purpose": "上报核对"}},
        named=True,
    ),
    "public_list_print": Case(PUBLIC_LIST + "/paper"),
    "paper_file_request": Case(
        "/paper-files",
        fields=lambda w: {"json": {"forms": ["card"], "household_ids": [w["household"]], "purpose": "上墙"}},
    ),
    "paper_file_fetch": Case("/paper-files/{papers}", COUNTY),
}
