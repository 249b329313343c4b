"""How special registers are asked."""

from __future__ import annotations

from chassis.security.scope import Role
from tests.safety.cases.case import Case, changing, with_query

_ROLL = {"register_code": "dropout", "holds_from": "2024-05-10", "status": "dropped_out"}

_FACT = "/registers/dropout/facts/{fact[id]}"

REGISTERS = {
    "register_list": Case("/registers", outside="same"),
    "register_fact_list": Case(
        "/registers/dropout/facts", fields=with_query(limit=200), outside="empty", marker="fact", named=True
    ),
    "register_fact_read": Case(_FACT, marker="fact", named=True),
    "register_fact_history": Case(_FACT + "/history", marker="fact", named=True),
    "register_fact_export": Case(
        "/registers/dropout/export", fields=with_query(format="ndjson"), outside="empty", marker="fact", named=True
    ),
    "register_fact_record": Case("/register-facts", fields=lambda w: {"json": _ROLL | {"person_id": w["person"]}}),
    "register_fact_correct": Case(
        _FACT + "/correct",
        fields=lambda w: {
            "json": {
                "reason": "核对后更正",
                "fact": _ROLL | {"person_id": w["fact"]["person_id"], "school": "清溪小学"},
            },
            "version": w["fact"]["version"],
        },
    ),
    "register_fact_withdraw": Case(_FACT + "/withdraw", fields=changing("fact", reason="登记有误")),
    "register_finding_list": Case(
        "/register-findings",
        fields=with_query(limit=200),
        outside="empty",
        marker="register_finding",
        hidden_from=(Role.DEPARTMENT_CLERK,),
    ),
    "household_register_facts": Case("/households/{household}/register-facts", marker="fact", named=True),
    "person_register_facts": Case("/persons/{person}/register-facts", marker="fact", named=True),
}
