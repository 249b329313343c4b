"""How clues and self-reports are asked."""

from __future__ import annotations

from chassis.security.scope import Level, Role
from chassis.testing.programs import COUNTY
from tests.safety.cases.case import Case, changing, with_body, with_query
from tests.safety.maker import RULE

CLUES = {
    "clue_list": Case(
        "/clues", fields=with_query(limit=200), outside="empty", marker="clue", hidden_from=(Role.DEPARTMENT_CLERK,)
    ),
    "clue_read": Case("/clues/{clue[id]}", marker="clue", hidden_from=(Role.DEPARTMENT_CLERK,)),
    "clue_dismiss": Case("/clues/{clue[id]}/dismiss", fields=changing("clue", reason="other", note="已核实无风险")),
    "clue_tell": Case("/clues/{clue_dismissed[id]}/notices", fields=lambda _: {"json": {"told_how": "telephone"}}),
    "self_report_list": Case("/self-reports", fields=with_query(limit=200), outside="empty", marker="self_report"),
    "self_report_match": Case(
        "/self-reports/{self_report[id]}/match",
        fields=lambda w: {"json": {"household_id": w["household"]}, "version": w["self_report"]["version"]},
    ),
    "self_report_take_up": Case(
        "/self-reports/{self_report_refused[id]}/take-up", fields=changing("self_report_refused", note="有误")
    ),
    "self_report_hand_on": Case(
        "/self-reports/{self_report[id]}/hand-on",
        fields=changing("self_report", region="610999101204", note="住在邻村"),
    ),
    "vocabulary_read": Case("/vocabulary", outside="same"),
    "rule_list": Case("/rules", outside="same"),
    "rule_read": Case("/rules/R01", outside="same"),
    "rule_version_read": Case("/rules/R01/versions/1", outside="same"),
    "rule_draft": Case("/rules/T03/drafts", COUNTY, fields=with_body(**RULE)),
    "rule_try": Case(
        "/rules/T01/drafts/{tried[version]}/try", COUNTY, fields=with_body(region=str(COUNTY)), outside="named"
    ),
    "rule_activate": Case(
        "/rules/T01/drafts/{tried[version]}/activate", COUNTY, fields=lambda w: {"version": w["tried"]["revision"]}
    ),
    "rule_retire": Case(
        "/rules/T02/versions/{active[version]}/retire", COUNTY, fields=lambda w: {"version": w["active"]["revision"]}
    ),
    "trial_read": Case("/rule-trials/{trial[id]}", COUNTY, marker="trial"),
    "trial_hit_list": Case("/rule-trials/{trial[id]}/hits", COUNTY, fields=with_query(limit=200), marker="household"),
    "screening_run_list": Case("/screening-runs", COUNTY, outside="empty", marker="run"),
    "screening_run_read": Case("/screening-runs/{run[id]}", COUNTY, marker="run"),
    "screening_run_request": Case(
        "/screening-runs", fields=with_body(), outside="same", level=Level.COUNTY
    ),  # of one's own
}
