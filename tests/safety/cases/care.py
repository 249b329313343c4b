"""How helpers, visits and carers are asked."""

from __future__ import annotations

from chassis.testing.programs import COUNTY
from tests.safety.cases.case import CHEN, OF_COUNTY, Case, changing, with_body, with_query

_PAIRED = {"starts_on": "2024-03-01", "source": "结对文件"}

_CHILD = "/persons/{left_behind[person_id]}"

HELPERS_AND_VISITS = {
    "helper_list": Case(
        "/helpers", COUNTY, fields=with_query(limit=200), outside="empty", marker="helper", around=True
    ),
    "helper_households": Case("/helpers/{helper[id]}/households", COUNTY, around=True),
    "household_helpers": Case(CHEN + "/helpers"),
    "helper_register": Case(
        "/helpers", COUNTY, fields=with_body(kind="unit", name="县林业局", scope=str(COUNTY)), outside="named"
    ),
    "pairing_begin": Case(
        "/pairings",
        fields=lambda w: {"json": {**_PAIRED, "helper_id": w["helper"]["id"], "household_ids": [w["household"]]}},
        outside="named",
    ),
    "helper_hand_over": Case(
        "/helpers/{helper[id]}/hand-over",
        fields=lambda w: {"json": {"to_helper_id": w["heir"]["id"], "on": "2024-06-01", "reason": "调岗"}},
    ),
    "officer_hand_over": Case(
        "/officers/{officer[id]}/hand-over",
        fields=lambda w: {"json": {"to_officer_id": w["successor"]["id"], "on": "2024-06-01", "reason": "调岗"}},
    ),
    "pairing_end": Case("/pairings/{pairing[id]}/end", fields=changing("pairing", ends_on="2024-06-01", reason="期满")),
    "visit_form_list": Case("/visit-forms", outside="same"),
    "visit_duty_list": Case("/visit-duties", COUNTY, fields=OF_COUNTY, around=True),
    "visit_due_list": Case(
        "/visit-dues",
        fields=lambda w: {"params": {"household_id": w["household"]}},
        outside="empty",
        marker="household",
        named=True,
    ),
    "household_visit_form": Case(CHEN + "/visit-form", marker="household"),
    "visit_record": Case("/visits", fields=lambda w: {"json": {"household_id": w["household"], "findings": "正常"}}),
    "visit_list": Case(CHEN + "/visits", marker="visit"),
    "visit_read": Case("/visits/{visit[id]}", marker="visit"),
    "visit_history": Case("/visits/{visit[id]}/history"),
    "visit_amend": Case("/visits/{visit[id]}", fields=changing("visit", findings="更正", reason="笔误")),
    "visit_void": Case("/visits/{visit[id]}/void", fields=changing("visit", reason="重复")),
    "attention_list": Case(
        "/attention", fields=with_query(limit=200), outside="empty", marker="left_behind", named=True
    ),
    "attention_mark": Case(
        _CHILD + "/attention", fields=with_body(kind="difficult_child", starts_on="2024-05-01", source="民政台账")
    ),
    "attention_end": Case(
        "/attention/{left_behind[id]}/end", fields=changing("left_behind", ends_on="2024-06-01", reason="父母返乡")
    ),
    "guardianship_check": Case(_CHILD + "/guardianship-checks", fields=with_body(is_adequate=True)),
    "care_read": Case(_CHILD + "/care", marker="carer"),
    "carer_name": Case(
        _CHILD + "/carers", fields=with_body(kind="teacher", name="刘老师", starts_on="2024-05-01", source="学校名单")
    ),
    "carer_end": Case("/carers/{carer[id]}/end", fields=changing("carer", ends_on="2024-06-01", reason="搬走")),
}
