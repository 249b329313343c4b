"""How income, lines, measures and entitlements are asked."""

from __future__ import annotations

from chassis.security.scope import Level, Role
from chassis.testing.programs import COUNTY
from tests.safety.cases.case import CHEN, OF_COUNTY, Case, changing, with_body, with_query

INCOME_AND_LINES = {
    "income_record": Case(
        CHEN + "/income-statements",
        fields=with_body(
            lines=[{"kind": "wage.outside_work", "amount": "0.01", "month": "2024-03", "source": "入户访谈"}]
        ),
    ),
    "income_read": Case(CHEN + "/income"),
    "low_income_review_read": Case(CHEN + "/low-income-review"),
    "income_line_list": Case(CHEN + "/income-lines", marker="income_line"),
    "income_line_read": Case("/income-lines/{income_line[id]}", marker="income_line"),
    "income_line_history": Case("/income-lines/{income_line[id]}/history"),
    "income_line_correct": Case(
        "/income-lines/{income_line[id]}", fields=changing("income_line", amount="1300.00", reason="更正")
    ),
    "income_line_withdraw": Case(
        "/income-lines/{income_line[id]}/withdraw", fields=changing("income_line", reason="重复")
    ),
    "classification_read": Case(CHEN + "/classification"),
    "guarantees_read": Case(CHEN + "/guarantees", marker="guarantee"),
    "guarantee_check_list": Case(CHEN + "/guarantee-checks", marker="guarantee"),
    "guarantee_check_read": Case("/guarantee-checks/{guarantee[id]}", marker="guarantee"),
    "guarantee_check_record": Case(
        CHEN + "/guarantee-checks", fields=with_body(checks=[{"item": "food", "answer": "yes", "source": "入户核查"}])
    ),
    "guarantee_check_withdraw": Case(
        "/guarantee-checks/{guarantee[id]}/withdraw", fields=changing("guarantee", reason="记错户")
    ),
    "line_list": Case("/lines", COUNTY, fields=with_query(limit=200), outside="empty", marker="line", around=True),
    "line_effective": Case("/lines/effective", COUNTY, fields=OF_COUNTY, around=True),
    "line_propose": Case(
        "/lines",
        COUNTY,
        fields=with_body(
            kind="rule_60",
            scope=str(COUNTY),
            mode="register",
            percent=60,
            valid_from="2021-05-24",
            source="县发〔2021〕7号",
        ),
        outside="named",
    ),
    "line_confirm": Case("/lines/{line[id]}/confirm", COUNTY, fields=lambda w: {"version": w["line"]["version"]}),
    "line_withdraw": Case("/lines/{line[id]}/withdraw", COUNTY, fields=changing("line", reason="数字有误")),
}

_CLERK = (Role.DEPARTMENT_CLERK,)  # of another department than the one that owes it

ENTITLEMENTS = {
    "entitlement_sheet": Case("/persons/{entitlement[person_id]}/entitlements"),
    "entitlement_gap_list": Case(
        "/entitlement-gaps",
        fields=with_query(limit=200),
        outside="empty",
        marker="entitlement",
        hidden_from=_CLERK,
    ),
    "entitlement_explain": Case(
        "/entitlements/{entitlement[id]}/explain",
        fields=changing("entitlement", explanation="已在外县享受"),
        hidden_from=_CLERK,
    ),
    "entitlement_compute": Case("/entitlement-runs", fields=with_body(), outside="same", level=Level.COUNTY),
}
