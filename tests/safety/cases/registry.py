"""How the registry, its divisions and its staff are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from tests.personas import household, number, person
from tests.safety.cases.case import CHEN, ON_A_DAY, Case, changing, with_body, with_query
from tests.safety.maker import NEXT_COUNTYS_TOWN, NEXT_VILLAGE, World

_NEW_VILLAGE = "code,name,valid_from\n610999101205,竹坪村,2024-01-01\n"

_POST = {"role": "village_cadre", "region": str(VILLAGE), "starts_on": "2024-06-01"}


def _heads(world: World) -> Mapping[str, Any]:
    given = [{"person_id": world["head"]["id"], "relation": "10"}, {"person_id": world["wife"]["id"], "relation": "02"}]
    given.append({"person_id": world["son"]["id"], "relation": "20"})
    return {"json": {"on": "2024-06-01", "relations": given}, "version": world["chen"]["version"]}


def _split(world: World) -> Mapping[str, Any]:
    leaving = [{"person_id": world["son"]["id"], "relation": "02"}]
    body = {"region": str(VILLAGE), "on": "2024-06-01", "leaving": leaving}
    return {"json": body, "version": world["chen"]["version"]}


def _merge(world: World) -> Mapping[str, Any]:
    joining = [{"person_id": member["id"], "relation": "97"} for member in world["chen"]["members"]]
    into = {"into": world["target"]["id"], "into_version": world["target"]["version"]}
    return {"json": {**into, **ON_A_DAY, "relations": joining}, "version": world["chen"]["version"]}


REGISTRY = {
    "household_list": Case(
        "/households", fields=with_query(limit=200), outside="empty", marker="household", named=True
    ),
    "household_read": Case(CHEN, marker="household", named=True),
    "household_history": Case(CHEN + "/history"),
    "household_monitoring_read": Case(CHEN + "/monitoring", marker="household"),
    "household_register": Case("/households", fields=lambda _: {"json": household()}),
    "household_import": Case(
        "/households/imports",
        COUNTY,
        lambda _: {
            "content": b"{}\n",
            "headers": {"Content-Type": "application/x-ndjson"},
        },
        outside="same",  # it imports into the post's own division; what lies elsewhere the job refuses row by row
    ),
    "household_patch": Case(CHEN, fields=changing("chen", address="松坪村二组")),
    "household_change_relations": Case(CHEN + "/change-relations", fields=_heads),
    "household_split": Case(CHEN + "/split", fields=_split),
    "household_merge": Case(CHEN + "/merge", fields=_merge),
    "household_move_out": Case(CHEN + "/move-out", fields=changing("chen", **ON_A_DAY, reason="外迁")),
    "household_move_back": Case("/households/{away[id]}/move-back", fields=changing("away", **ON_A_DAY)),
    "member_add": Case(
        CHEN + "/members",
        fields=lambda world: {
            "json": {"person": person(relation="97"), "reason": "found", **ON_A_DAY},
            "version": world["chen"]["version"],
        },
    ),
    "member_return": Case(
        "/households/{lonely[id]}/return-member",
        fields=lambda world: {
            "json": {"person_id": world["left"]["id"], "relation": "20", **ON_A_DAY},
            "version": world["lonely"]["version"],
        },
    ),
    "person_search": Case(
        "/persons/search",
        fields=with_body(purpose="核对", name="陈大山", birth_year=1974),
        outside="empty",
        marker="person",
        named=True,
    ),
    "person_read": Case("/persons/{person}", marker="person", named=True),
    "person_history": Case("/persons/{person}/history"),
    "person_patch": Case("/persons/{person}", fields=changing("head", is_insured=True)),
    "person_reveal": Case("/persons/{person}/reveal", fields=with_body(purpose="入户核对", fields=["identity_number"])),
    "person_remove": Case(
        "/persons/{son[id]}/remove", fields=changing("son", outcome="moved_out", reason="外出", **ON_A_DAY)
    ),
    "person_record_death": Case("/persons/{son[id]}/record-death", fields=changing("son", **ON_A_DAY)),
    "person_correct_number": Case(
        "/persons/{son[id]}/correct-number",
        fields=lambda world: {
            "json": {"identity_number": number("19980102"), "reason": "typing_error", **ON_A_DAY},
            "version": world["son"]["version"],
        },
    ),
    "former_number_enter": Case(
        "/persons/{person}/former-numbers",
        fields=lambda _: {"json": {"identity_number": number("19740313"), "reason": "旧证"}},
    ),
    "finding_list": Case("/findings", fields=with_query(limit=200), outside="empty", marker="household"),
    "finding_settle": Case(
        "/findings/{finding[id]}/settle", fields=changing("finding", outcome="explained", explanation="已核实")
    ),
    "clash_list": Case("/clash-tasks", fields=with_query(limit=200), outside="empty", marker="person"),
    "clash_settle": Case(
        "/clash-tasks/{clash[id]}/settle", fields=changing("clash", outcome="kept", explanation="常住本村")
    ),
    "transfer_offer": Case(
        CHEN + "/transfers",
        fields=changing("chen", to_region=str(NEXT_COUNTYS_TOWN), effective_on="2024-06-01", reason="迁居"),
    ),
    "transfer_list": Case("/transfers", fields=with_query(direction="outgoing"), outside="empty", marker="offered"),
    "transfer_read": Case("/transfers/{offered[id]}", marker="offered"),
    "transfer_accept": Case("/transfers/{incoming[id]}/accept", TOWN, fields=changing("incoming", region=str(VILLAGE))),
    "transfer_decline": Case("/transfers/{incoming[id]}/decline", TOWN, fields=changing("incoming", reason="手续不全")),
    "transfer_withdraw": Case("/transfers/{offered[id]}/withdraw", fields=changing("offered", reason="不迁了")),
    "report_create": Case(
        "/reports",
        fields=lambda world: {
            "json": {"household_id": world["household"], "risk": "02", "description": "子女上学负担重"}
        },
    ),
    "report_read": Case("/reports/{report[id]}", marker="report"),
}

COMMON = {
    "code_lists_read": Case("/codes", outside="same"),
    "code_list_read": Case("/codes/sex", outside="same"),
    "region_list": Case("/regions", outside="same"),
    "region_read": Case("/regions/610999101203", outside="same"),
    "region_history": Case("/regions/610999101203/history", outside="same"),
    "region_import": Case(
        "/regions/import", VILLAGE, fields=lambda _: {"content": _NEW_VILLAGE.encode()}, outside="nothing"
    ),
    "region_succeed": Case(
        "/regions/successions",
        TOWN,
        fields=with_body(
            on="2024-06-01",
            reason="民发〔2024〕2号",
            successions=[
                {
                    "predecessor": str(NEXT_VILLAGE),
                    "successor": "610999101206",
                    "kind": "recoded",
                    "successor_name": "新村",
                }
            ],
        ),
    ),
}

STAFF = {
    "officer_read": Case("/officers/{officer[id]}", TOWN, marker="officer"),
    "post_list": Case("/posts", TOWN, fields=with_query(limit=200), outside="empty", marker="post"),
    "post_read": Case("/posts/{post[id]}", TOWN, marker="post"),
    "officer_register": Case(
        "/officers",
        VILLAGE,
        fields=with_body(subject="issuer:li", username="li", name="李明", post=_POST),
        outside="named",
    ),
    "post_grant": Case("/officers/{officer[id]}/posts", TOWN, fields=with_body(**_POST), outside="named"),
    "post_end": Case("/posts/{post[id]}/end", TOWN, fields=changing("post", ends_on="2024-06-30", reason="调离")),
}
