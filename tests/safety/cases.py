"""How each operation is asked: a minimal valid request, where its object lies, and what a stranger must be answered.

To add an operation: one line here, one line in ``tests/permissions.csv``; the test fails until both are there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from chassis.identifiers import new_id
from chassis.security.scope import Level, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from tests.personas import household, number, person
from tests.safety.world import (
    DATASET,
    DEPARTMENT,
    HEADINGS,
    LI_NUMBER,
    NEXT_COUNTYS_TOWN,
    NEXT_VILLAGE,
    PERIOD,
    RULE,
    World,
)
from tests.services.monitoring.signed import authorisation, filled

Outside: TypeAlias = Literal["refused", "named", "empty", "same", "nothing", "each", "mine"]
"""``refused``: 404, or 403 for a write. ``named``: as well 422 that names the field whose division lies outside.
``empty``: a list without the marker. ``same``: no area matters. ``nothing``:
an answer that counts nothing done. ``each``: an answer in which each part is refused as not found; within the area each
is applied. ``mine``: only who made it may reach it; whoever is asked here is somebody else, and is told 404."""


@dataclass(frozen=True)
class Case:
    """One operation.

    :param at: where the object lies that is asked about.
    :param fields: gives body, query, version of one request.
    :param marker: what an answer within the area must contain, and a list outside must not; a key of the world.
    :param around: what holds for a division may be read below it too.
    :param level: of the posts that alone may do it; posts of other levels are refused whatever their role.
    :param hidden_from: roles that may use the operation and yet meet nothing of this object: a clue that no row of
        their department raised.
    :param otherwise: what those roles ask for instead of ``fields``, where each has its own share of the operation.
    :param named: the answer shows people's names, so that ``masked`` and ``allow`` differ.
    """

    path: str
    at: int = VILLAGE
    fields: Callable[[World], Mapping[str, Any]] = lambda _: {}
    outside: Outside = "refused"
    marker: str | None = None
    around: bool = False
    level: Level | None = None
    named: bool = False
    hidden_from: tuple[Role, ...] = ()
    otherwise: Mapping[Role, Callable[[World], Mapping[str, Any]]] = field(default_factory=dict)


def _body(**fields: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda _: {"json": fields}


def _query(**params: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda _: {"params": params}


def _changed(thing: str, **fields: Any) -> Callable[[World], Mapping[str, Any]]:
    """A change of what was read as ``thing``, in the version read."""
    return lambda world: {"json": fields, "version": world[thing]["version"]}


_COUNTY_QUERY = _query(region=str(COUNTY))
_ON = {"on": "2024-06-01"}
_NOTICE_DAY = {"day": "2027-02-08", "working": False, "name": "春节"}
_NEW_VILLAGE = "code,name,valid_from\n610999101205,竹坪村,2024-01-01\n"
_POST = {"role": "village_cadre", "region": str(VILLAGE), "starts_on": "2024-06-01"}
_BATCH = "/submissions/{batch[id]}"
_CHEN = "/households/{household}"
_MENDED = f"行号,{HEADINGS}3,{LI_NUMBER},李秀兰,2024-05,20000.00\r\n"


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
    return {"json": {**into, **_ON, "relations": joining}, "version": world["chen"]["version"]}


def _put(thing: str, **fields: Any) -> Callable[[World], Mapping[str, Any]]:
    return lambda world: {
        "json": fields,
        "version": world[thing]["version"],
        "params": {"region": str(COUNTY)},
    }


_REGISTRY = {
    "household_list": Case("/households", fields=_query(limit=200), outside="empty", marker="household", named=True),
    "household_read": Case(_CHEN, marker="household", named=True),
    "household_history": Case(_CHEN + "/history"),
    "household_monitoring_read": Case(_CHEN + "/monitoring", marker="household"),
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
    "household_patch": Case(_CHEN, fields=_changed("chen", address="松坪村二组")),
    "household_change_relations": Case(_CHEN + "/change-relations", fields=_heads),
    "household_split": Case(_CHEN + "/split", fields=_split),
    "household_merge": Case(_CHEN + "/merge", fields=_merge),
    "household_move_out": Case(_CHEN + "/move-out", fields=_changed("chen", **_ON, reason="外迁")),
    "household_move_back": Case("/households/{away[id]}/move-back", fields=_changed("away", **_ON)),
    "member_add": Case(
        _CHEN + "/members",
        fields=lambda world: {
            "json": {"person": person(relation="97"), "reason": "found", **_ON},
            "version": world["chen"]["version"],
        },
    ),
    "member_return": Case(
        "/households/{lonely[id]}/return-member",
        fields=lambda world: {
            "json": {"person_id": world["left"]["id"], "relation": "20", **_ON},
            "version": world["lonely"]["version"],
        },
    ),
    "person_search": Case(
        "/persons/search",
        fields=_body(purpose="核对", name="陈大山", birth_year=1974),
        outside="empty",
        marker="person",
        named=True,
    ),
    "person_read": Case("/persons/{person}", marker="person", named=True),
    "person_history": Case("/persons/{person}/history"),
    "person_patch": Case("/persons/{person}", fields=_changed("head", is_insured=True)),
    "person_reveal": Case("/persons/{person}/reveal", fields=_body(purpose="入户核对", fields=["identity_number"])),
    "person_remove": Case(
        "/persons/{son[id]}/remove", fields=_changed("son", outcome="moved_out", reason="外出", **_ON)
    ),
    "person_record_death": Case("/persons/{son[id]}/record-death", fields=_changed("son", **_ON)),
    "person_correct_number": Case(
        "/persons/{son[id]}/correct-number",
        fields=lambda world: {
            "json": {"identity_number": number("19980102"), "reason": "typing_error", **_ON},
            "version": world["son"]["version"],
        },
    ),
    "former_number_enter": Case(
        "/persons/{person}/former-numbers",
        fields=lambda _: {"json": {"identity_number": number("19740313"), "reason": "旧证"}},
    ),
    "finding_list": Case("/findings", fields=_query(limit=200), outside="empty", marker="household"),
    "finding_settle": Case(
        "/findings/{finding[id]}/settle", fields=_changed("finding", outcome="explained", explanation="已核实")
    ),
    "clash_list": Case("/clash-tasks", fields=_query(limit=200), outside="empty", marker="person"),
    "clash_settle": Case(
        "/clash-tasks/{clash[id]}/settle", fields=_changed("clash", outcome="kept", explanation="常住本村")
    ),
    "transfer_offer": Case(
        _CHEN + "/transfers",
        fields=_changed("chen", to_region=str(NEXT_COUNTYS_TOWN), effective_on="2024-06-01", reason="迁居"),
    ),
    "transfer_list": Case("/transfers", fields=_query(direction="outgoing"), outside="empty", marker="offered"),
    "transfer_read": Case("/transfers/{offered[id]}", marker="offered"),
    "transfer_accept": Case("/transfers/{incoming[id]}/accept", TOWN, fields=_changed("incoming", region=str(VILLAGE))),
    "transfer_decline": Case("/transfers/{incoming[id]}/decline", TOWN, fields=_changed("incoming", reason="手续不全")),
    "transfer_withdraw": Case("/transfers/{offered[id]}/withdraw", fields=_changed("offered", reason="不迁了")),
    "report_create": Case(
        "/reports",
        fields=lambda world: {
            "json": {"household_id": world["household"], "risk": "02", "description": "子女上学负担重"}
        },
    ),
    "report_read": Case("/reports/{report[id]}", marker="report"),
}

_COMMON = {
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
        fields=_body(
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

_CLUES = {
    "clue_list": Case(
        "/clues", fields=_query(limit=200), outside="empty", marker="clue", hidden_from=(Role.DEPARTMENT_CLERK,)
    ),
    "clue_read": Case("/clues/{clue[id]}", marker="clue", hidden_from=(Role.DEPARTMENT_CLERK,)),
    "clue_dismiss": Case("/clues/{clue[id]}/dismiss", fields=_changed("clue", reason="other", note="已核实无风险")),
    "self_report_list": Case("/self-reports", fields=_query(limit=200), outside="empty", marker="self_report"),
    "self_report_match": Case(
        "/self-reports/{self_report[id]}/match",
        fields=lambda w: {"json": {"household_id": w["household"]}, "version": w["self_report"]["version"]},
    ),
    "vocabulary_read": Case("/vocabulary", outside="same"),
    "rule_list": Case("/rules", outside="same"),
    "rule_read": Case("/rules/R01", outside="same"),
    "rule_version_read": Case("/rules/R01/versions/1", outside="same"),
    "rule_draft": Case("/rules/T03/drafts", COUNTY, fields=_body(**RULE)),
    "rule_try": Case(
        "/rules/T01/drafts/{tried[version]}/try", COUNTY, fields=_body(region=str(COUNTY)), outside="named"
    ),
    "rule_activate": Case(
        "/rules/T01/drafts/{tried[version]}/activate", COUNTY, fields=lambda w: {"version": w["tried"]["revision"]}
    ),
    "rule_retire": Case(
        "/rules/T02/versions/{active[version]}/retire", COUNTY, fields=lambda w: {"version": w["active"]["revision"]}
    ),
    "trial_read": Case("/rule-trials/{trial[id]}", COUNTY, marker="trial"),
    "trial_hit_list": Case("/rule-trials/{trial[id]}/hits", COUNTY, fields=_query(limit=200), marker="household"),
    "screening_run_list": Case("/screening-runs", COUNTY, outside="empty", marker="run"),
    "screening_run_read": Case("/screening-runs/{run[id]}", COUNTY, marker="run"),
    "screening_run_request": Case(
        "/screening-runs", fields=_body(), outside="same", level=Level.COUNTY
    ),  # of one's own
}


def _recorded(world: World) -> list[tuple[str, str, None, Mapping[str, Any]]]:
    """A fact of each register that a cadre may record without a network."""
    home, someone = {"household_id": world["household"]}, {"person_id": world["person"]}
    told = (
        ("dropout", someone, {"status": "enrolled"}),
        ("return_visit", someone, {"line": "school", "outcome": "away"}),
        ("school_return", someone, {"school": "清溪小学"}),
        ("house_damage", home, {"house_no": "1", "damage": "leaking"}),
        ("water", home, {"quality": "pass"}),
        ("water_access", home, {"distance_metres": 20}),
    )
    return [
        (
            f"register.{register}.record",
            next(iter(whose.values())),
            None,
            {"register_code": register, "holds_from": "2024-05-20", **whose, **said},
        )
        for register, whose, said in told
    ]


def _operations(world: World) -> Mapping[str, Any]:
    """One of each kind, as a phone hands them in."""
    chen, head, finding = world["chen"], world["head"], world["finding"]
    report = {"household_id": world["household"], "risk": "02", "description": "子女上学负担重"}
    told = [
        ("finding.settle", finding["id"], finding["version"], {"outcome": "explained", "explanation": "已核实"}),
        ("household.patch", chen["id"], chen["version"], {"address": "松坪村二组"}),
        ("person.patch", head["id"], head["version"], {"is_insured": True}),
        ("clue.report", world["household"], None, report),
        ("visit.record", world["household"], None, {"household_id": world["household"], "findings": "一切正常"}),
        ("consent.record", world["household"], None, authorisation(chen)),
        ("interview.record", world["household"], None, filled(chen)),
        ("case.verify", world["case_dispatched"]["id"], None, _VISITED),
        *_recorded(world),
    ]
    made = [
        {
            "op_id": str(new_id()),
            "kind": kind,
            "entity_id": thing,
            "base_version": version,
            "recorded_at": "2024-06-01T08:00:00+08:00",
            "payload": payload,
        }
        for kind, thing, version, payload in told
    ]
    return {"json": {"operations": made}}


_ROLL = {"register_code": "dropout", "holds_from": "2024-05-10", "status": "dropped_out"}
_FACT = "/registers/dropout/facts/{fact[id]}"
_REGISTERS = {
    "register_list": Case("/registers", outside="same"),
    "register_fact_list": Case(
        "/registers/dropout/facts", fields=_query(limit=200), outside="empty", marker="fact", named=True
    ),
    "register_fact_read": Case(_FACT, marker="fact", named=True),
    "register_fact_history": Case(_FACT + "/history", marker="fact", named=True),
    "register_fact_export": Case(
        "/registers/dropout/export", fields=_query(format="ndjson"), outside="empty", marker="fact", named=True
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
    "register_fact_withdraw": Case(_FACT + "/withdraw", fields=_changed("fact", reason="登记有误")),
    "register_finding_list": Case(
        "/register-findings",
        fields=_query(limit=200),
        outside="empty",
        marker="register_finding",
        hidden_from=(Role.DEPARTMENT_CLERK,),
    ),
    "household_register_facts": Case("/households/{household}/register-facts", marker="fact", named=True),
    "person_register_facts": Case("/persons/{person}/register-facts", marker="fact", named=True),
}

_UPLOAD = "/uploads/{upload[id]}"
_UPLOADS = {
    "monitoring_uploads_create": Case(
        "/uploads",
        fields=_body(size=9, purpose="dataset"),
        outside="same",
        otherwise={
            Role.PROVINCE_OFFICER: _body(size=9, purpose="regions"),
            **dict.fromkeys(
                (Role.TOWN_OFFICER, Role.VILLAGE_CADRE, Role.GRID_WORKER), _body(size=9, purpose="consent_sheet")
            ),
        },
    ),
    "monitoring_uploads_get": Case(_UPLOAD, COUNTY, outside="mine"),
    "monitoring_uploads_append": Case(
        _UPLOAD, COUNTY, fields=lambda _: {"params": {"offset": 0}, "content": b"a,b\n"}, outside="mine"
    ),
    "monitoring_uploads_complete": Case(_UPLOAD + "/complete", COUNTY, outside="mine"),
}
_OPERATIONS = {"monitoring_operations_push": Case("/operations", fields=_operations, outside="each")}

_INCOME_AND_LINES = {
    "income_record": Case(
        _CHEN + "/income-statements",
        fields=_body(lines=[{"kind": "wage.outside_work", "amount": "0.01", "month": "2024-03", "source": "入户访谈"}]),
    ),
    "income_read": Case(_CHEN + "/income"),
    "low_income_review_read": Case(_CHEN + "/low-income-review"),
    "income_line_list": Case(_CHEN + "/income-lines", marker="income_line"),
    "income_line_read": Case("/income-lines/{income_line[id]}", marker="income_line"),
    "income_line_history": Case("/income-lines/{income_line[id]}/history"),
    "income_line_correct": Case(
        "/income-lines/{income_line[id]}", fields=_changed("income_line", amount="1300.00", reason="更正")
    ),
    "income_line_withdraw": Case(
        "/income-lines/{income_line[id]}/withdraw", fields=_changed("income_line", reason="重复")
    ),
    "classification_read": Case(_CHEN + "/classification"),
    "guarantees_read": Case(_CHEN + "/guarantees", marker="guarantee"),
    "guarantee_check_list": Case(_CHEN + "/guarantee-checks", marker="guarantee"),
    "guarantee_check_read": Case("/guarantee-checks/{guarantee[id]}", marker="guarantee"),
    "guarantee_check_record": Case(
        _CHEN + "/guarantee-checks", fields=_body(checks=[{"item": "food", "answer": "yes", "source": "入户核查"}])
    ),
    "guarantee_check_withdraw": Case(
        "/guarantee-checks/{guarantee[id]}/withdraw", fields=_changed("guarantee", reason="记错户")
    ),
    "line_list": Case("/lines", COUNTY, fields=_query(limit=200), outside="empty", marker="line", around=True),
    "line_effective": Case("/lines/effective", COUNTY, fields=_COUNTY_QUERY, around=True),
    "line_propose": Case(
        "/lines",
        COUNTY,
        fields=_body(
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
    "line_withdraw": Case("/lines/{line[id]}/withdraw", COUNTY, fields=_changed("line", reason="数字有误")),
}

_STAFF = {
    "officer_read": Case("/officers/{officer[id]}", TOWN, marker="officer"),
    "post_list": Case("/posts", TOWN, fields=_query(limit=200), outside="empty", marker="post"),
    "post_read": Case("/posts/{post[id]}", TOWN, marker="post"),
    "officer_register": Case(
        "/officers", VILLAGE, fields=_body(subject="issuer:li", username="li", name="李明", post=_POST), outside="named"
    ),
    "post_grant": Case("/officers/{officer[id]}/posts", TOWN, fields=_body(**_POST), outside="named"),
    "post_end": Case("/posts/{post[id]}/end", TOWN, fields=_changed("post", ends_on="2024-06-30", reason="调离")),
}

_DATASETS = {
    "dataset_list": Case("/datasets", outside="same"),
    "dataset_template": Case(f"/datasets/{DATASET}/template", outside="same"),
    "dataset_mapping_get": Case(f"/datasets/{DATASET}/mapping", COUNTY, fields=_COUNTY_QUERY, marker="mapping"),
    "dataset_mapping_save": Case(
        f"/datasets/{DATASET}/mapping", COUNTY, fields=_put("mapping", mapping={"证号": "id_no"})
    ),
    "dataset_period_get": Case(f"/datasets/{DATASET}/periods/{PERIOD}", COUNTY, fields=_COUNTY_QUERY),
    "dataset_period_set": Case(
        f"/datasets/{DATASET}/periods/{PERIOD}",
        COUNTY,
        fields=_put("period", opens_on="2024-05-01", closes_on="2024-07-31"),
    ),
    "dataset_period_close": Case(
        f"/datasets/{DATASET}/periods/{PERIOD}/close",
        COUNTY,
        fields=lambda world: {"version": world["period"]["version"], "params": {"region": str(COUNTY)}},
    ),
    "submission_create": Case(
        f"/datasets/{DATASET}/submissions",
        COUNTY,
        fields=lambda _: {
            "content": f"{HEADINGS}{LI_NUMBER},李秀兰,2024-05,7.00\r\n".encode(),
            "params": {"region": str(COUNTY), "period": PERIOD},
        },
    ),
    "submission_correct": Case(_BATCH + "/corrections", COUNTY, fields=lambda _: {"content": _MENDED.encode()}),
    "submission_list": Case("/submissions", COUNTY, outside="empty", marker="batch"),
    "submission_get": Case(_BATCH, COUNTY, marker="batch"),
    "submission_row_list": Case(_BATCH + "/rows", COUNTY),
    "submission_rejected_download": Case(_BATCH + "/rejected", COUNTY),
    "submission_row_decide": Case(
        _BATCH + "/rows/{row[row_number]}/decide", COUNTY, fields=_changed("row", outcome="not_ours", reason="非本县")
    ),
    "submission_withdraw": Case(_BATCH + "/withdraw", COUNTY, fields=_changed("batch", reason="报错期")),
    "reconciliation_get": Case(
        "/reconciliation",
        COUNTY,
        fields=_query(region=str(COUNTY), department=DEPARTMENT, period=PERIOD),
        marker="batch",
    ),
    "reconciliation_download": Case(
        "/reconciliation.xlsx", COUNTY, fields=_query(region=str(COUNTY), department=DEPARTMENT, period=PERIOD)
    ),
}


def _step(name: str, **body: Any) -> Callable[[World], Mapping[str, Any]]:
    """A step of the case that the world calls so, in the version read."""
    return _changed(f"case_{name}", **body)


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
_VISITED = {"summary": "家中有人住院", "risks": ["02"]}
_PUBLIC_LIST = "/public-lists/{public_list[id]}"
_CASES = {
    "clue_dispatch": Case("/clues/{clue[id]}/dispatch", fields=_changed("clue")),
    "clue_bulk_dispatch": Case(
        "/clues/dispatch",
        fields=lambda w: {"json": {"clues": [{"id": w["clue"]["id"], "version": w["clue"]["version"]}]}},
    ),
    "case_list": Case("/cases", fields=_query(limit=200), outside="empty", marker="case_seen"),
    "case_read": Case("/cases/{case_seen[id]}", marker="case_seen"),
    "case_misroute": Case("/cases/{case_dispatched[id]}/misroute", fields=_step("dispatched", note="不属本村")),
    "case_redispatch": Case("/cases/{case_sent_back[id]}/redispatch", fields=_step("sent_back", note="仍属该村")),
    "case_record_verification": Case(
        "/cases/{case_dispatched[id]}/verifications", fields=_step("dispatched", **_VISITED)
    ),
    "case_second": Case("/cases/{case_seen[id]}/second", fields=_second),
    "case_compare": Case("/cases/compare", fields=_listed("verified")),
    "case_meeting_record": Case(
        "/case-meetings", fields=_listed("compared", _MINUTES, outcome="accepted", in_favour=2, against=0, risks=["02"])
    ),
    "case_meeting_read": Case("/case-meetings/{meeting[id]}", marker="meeting"),
    "public_list_publish": Case("/public-lists", fields=_listed("reviewed", _IN_VILLAGE)),
    "public_list_read": Case(_PUBLIC_LIST, marker="public_list"),
    "public_list_change": Case(_PUBLIC_LIST + "/change", fields=_changed("public_list", reason="更正姓名")),
    "public_list_pass": Case(_PUBLIC_LIST + "/pass", fields=_changed("public_list")),
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

_EXPORT = "/national-exports/{export[id]}"
_KEPT = _query(kind="there_only", limit=200)
_NATIONAL = {
    "measure_list": Case(_CHEN + "/measures", marker="measure"),
    "measure_read": Case("/measures/{measure[id]}", marker="measure"),
    "measure_history": Case("/measures/{measure[id]}/history"),
    "measure_start": Case(
        _CHEN + "/measures", fields=_body(kind="work", description="帮扶车间务工", source="劳动合同")
    ),
    "measure_amend": Case("/measures/{measure[id]}", fields=_changed("measure", amount="800.00", reason="更正")),
    "measure_end": Case("/measures/{measure[id]}/end", fields=_changed("measure", reason="completed")),
    "measure_withdraw": Case("/measures/{measure[id]}/withdraw", fields=_changed("measure", reason="记错户")),
    "missing_measure_list": Case("/missing-measures", fields=_query(limit=200), outside="empty"),
    "statistic_durations": Case("/statistics/durations", fields=_query(region=str(VILLAGE))),
    "statistic_read": Case("/statistics/figures", fields=_query(region=str(VILLAGE))),
    "statistic_households": Case(
        "/statistics/households", fields=_query(region=str(VILLAGE), figure="registered", limit=200)
    ),
    "publication_create": Case("/statistics/publications", COUNTY, fields=_body(title="监测月报", region=str(COUNTY))),
    "publication_list": Case(
        "/statistics/publications", fields=_query(limit=200), outside="empty", marker="publication"
    ),
    "publication_read": Case("/statistics/publications/{publication}"),
    "work_spell_list": Case("/persons/{person}/work-spells"),
    "national_contract_read": Case("/national-contract", outside="same"),
    "national_contract_template": Case("/national-contract/template", outside="same"),
    "national_mapping_get": Case("/national-contract/mapping", COUNTY, fields=_COUNTY_QUERY, marker="headings"),
    "national_mapping_save": Case(
        "/national-contract/mapping", COUNTY, fields=_put("headings", mapping={"农户编码": "household_no"})
    ),
    "national_export_list": Case(
        "/national-exports", COUNTY, fields=_query(limit=200), outside="empty", marker="export"
    ),
    "national_export_receive": Case(
        "/national-exports",
        COUNTY,
        fields=lambda world: {"content": world["national_file"], "params": {"region": str(COUNTY)}},
    ),
    "national_export_import": Case(
        "/national-exports/imports",
        COUNTY,
        fields=lambda world: {"content": world["national_file"], "params": {"region": str(COUNTY)}},
    ),
    "national_export_read": Case(_EXPORT, COUNTY, marker="export"),
    "national_export_rejected_download": Case(_EXPORT + "/rejected", COUNTY),
    "national_export_compare": Case(_EXPORT + "/compare", COUNTY),
    "national_difference_summary": Case(_EXPORT + "/differences", COUNTY, marker="export"),
    "national_household_difference_list": Case(_EXPORT + "/differences/households", COUNTY, fields=_KEPT),
    "national_person_difference_list": Case(_EXPORT + "/differences/persons", COUNTY, fields=_KEPT),
    "national_difference_download": Case(_EXPORT + "/differences/file", COUNTY),
}


def _sheet(world: World) -> Mapping[str, Any]:
    asked = world["comparison"]
    rows = [f"{asked['id']},{asked['version']},{item['id']},无记录" for item in asked["items"]]
    return {"content": "\r\n".join(["请求编号,版本,事项编号,结果", *rows]).encode()}


_COMPARISON = "/comparison-requests/{comparison[id]}"
_EVIDENCE = {
    "consent_record": Case(
        _CHEN + "/consents",
        fields=lambda world: {"json": authorisation(world["chen"])},
    ),
    "consent_list": Case(_CHEN + "/consents", marker="consent", named=True),
    "consent_read": Case("/consents/{consent[id]}", marker="consent", named=True),
    "consent_sheet": Case("/consents/{consent[id]}/sheet"),
    "consent_withdraw": Case("/consents/{consent[id]}/withdraw", fields=_changed("consent", reason="本人要求")),
    "comparison_list": Case("/comparison-requests", fields=_query(limit=200), outside="empty", marker="comparison"),
    "comparison_read": Case(_COMPARISON, marker="comparison", named=True),
    "comparison_reveal": Case(_COMPARISON + "/reveal", fields=_body(purpose="家庭经济状况核对")),
    "comparison_answer": Case(_COMPARISON + "/answer", fields=_changed("comparison", rest="as_known")),
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
        "/comparison-sheet", fields=_query(form="csv", purpose="核对"), outside="empty", marker="comparison"
    ),
    "comparison_sheet_answer": Case("/comparison-sheet", fields=_sheet, outside="each"),
    "interview_form_list": Case("/interview-forms", outside="same"),
    "interview_form_read": Case("/interview-forms/household_check", outside="same"),
    "interview_prefilled_share": Case(
        "/interview-forms/household_check/prefilled-share", fields=_query(region=str(VILLAGE))
    ),
    "interview_draft": Case(_CHEN + "/interview-draft", marker="household"),
    "interview_record": Case(_CHEN + "/interviews", fields=lambda world: {"json": filled(world["chen"])}),
    "interview_list": Case(_CHEN + "/interviews", marker="interview"),
    "interview_read": Case("/interviews/{interview[id]}", marker="interview"),
    "interview_countersign": Case(
        "/interviews/{interview[id]}/countersign", fields=lambda w: {"version": w["interview"]["version"]}
    ),
    "interview_withdraw": Case("/interviews/{interview[id]}/withdraw", fields=_changed("interview", reason="填错")),
}

_PAPERS = {
    "paper_print": Case(
        "/papers",
        fields=lambda w: {"json": {"forms": ["card"], "household_ids": [w["household"]], "purpose": "上墙"}},
    ),
    "paper_export": Case(
        "/papers/national-rows",
        fields=lambda w: {"json": {"household_ids": [w["household"]], "purpose": "上报核对"}},
        named=True,
    ),
    "public_list_print": Case(_PUBLIC_LIST + "/paper"),
    "paper_file_request": Case(
        "/paper-files",
        fields=lambda w: {"json": {"forms": ["card"], "household_ids": [w["household"]], "purpose": "上墙"}},
    ),
    "paper_file_fetch": Case("/paper-files/{papers}", COUNTY),
}

_KERNEL = {
    "calendar_days_list": Case(
        "/calendar/days",
        COUNTY,
        fields=_query(region=str(COUNTY), from_day="2027-01-01", to_day="2027-01-31"),
        around=True,
    ),
    "calendar_terms_get": Case(
        "/calendar/terms",
        COUNTY,
        fields=_query(region=str(COUNTY), start="2027-01-01", days=3, kind="working"),
        around=True,
    ),
    "calendar_notices_list": Case(
        "/calendar/notices", COUNTY, fields=_COUNTY_QUERY, outside="refused", marker="notice", around=True
    ),
    "calendar_notices_load": Case(
        "/calendar/notices",
        COUNTY,
        fields=_body(
            scope=str(COUNTY), year=2028, whole=False, source="通知", days=[_NOTICE_DAY | {"day": "2028-01-04"}]
        ),
        outside="named",
    ),
    "calendar_notices_correct": Case(
        "/calendar/notices/{notice[id]}", COUNTY, fields=_changed("notice", source="通知", days=[_NOTICE_DAY])
    ),
    "files_get": Case("/files/{file}", COUNTY),
    "import_errors_list": Case("/jobs/{job}/errors", COUNTY),
    "import_errors_download": Case("/jobs/{job}/errors/file", COUNTY),
    "jobs_list": Case("/jobs", COUNTY, outside="empty", marker="job"),
    "jobs_get": Case("/jobs/{job}", COUNTY, marker="job"),
    "jobs_cancel": Case("/jobs/{waiting}/cancel", COUNTY),
    "parameters_list": Case("/parameters", COUNTY, fields=_COUNTY_QUERY, around=True),
    "parameters_get": Case("/parameters/{parameter[id]}", COUNTY, marker="parameter", around=True),
    "parameters_approve": Case(
        "/parameters/{parameter[id]}/approve", COUNTY, fields=lambda w: {"version": w["parameter"]["version"]}
    ),
    "parameters_withdraw": Case(
        "/parameters/{parameter[id]}/withdraw", COUNTY, fields=_changed("parameter", reason="有误")
    ),
}


def kernel_cases(service: str, *, thing: str, at: int, keys: tuple[str, str]) -> dict[str, Case]:
    """How the kernel's operations of ``service`` are asked.

    :param thing: a key of the world: something in the division ``at`` that audit and change feed tell of.
    :param keys: two of its parameters; of the first a value was proposed.
    """
    proposal = {"scope": str(COUNTY), "effective_from": "2024-07-15", "source": "县发〔2024〕2号"}
    own = {
        "audit_entries_list": Case(
            "/audit/entries",
            at,
            lambda world: {"params": {"entity_id": str(_id_of(world, thing))}},
            outside="empty",
            marker=thing,
        ),
        "changes_list": Case("/changes", at, _query(limit=1000), outside="empty", marker=thing),
        "parameters_history": Case(
            "/parameters/history", COUNTY, fields=_query(region=str(COUNTY), key=keys[0]), around=True
        ),
        "parameters_propose": Case(
            "/parameters",
            COUNTY,
            fields=_body(**proposal, key=keys[1], value={"type": "integer", "value": 9}),
            outside="named",
        ),
    }
    return {f"{service}_{name}": case for name, case in {**_KERNEL, **own}.items()}


def _id_of(world: World, thing: str) -> Any:
    found = world[thing]
    return found["id"] if isinstance(found, dict) else found


_PAIRED = {"starts_on": "2024-03-01", "source": "结对文件"}
_CHILD = "/persons/{left_behind[person_id]}"
_HELPERS_AND_VISITS = {
    "helper_list": Case("/helpers", COUNTY, fields=_query(limit=200), outside="empty", marker="helper", around=True),
    "helper_households": Case("/helpers/{helper[id]}/households", COUNTY, around=True),
    "household_helpers": Case(_CHEN + "/helpers"),
    "helper_register": Case(
        "/helpers", COUNTY, fields=_body(kind="unit", name="县林业局", scope=str(COUNTY)), outside="named"
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
    "pairing_end": Case("/pairings/{pairing[id]}/end", fields=_changed("pairing", ends_on="2024-06-01", reason="期满")),
    "visit_form_list": Case("/visit-forms", outside="same"),
    "visit_duty_list": Case("/visit-duties", COUNTY, fields=_COUNTY_QUERY, around=True),
    "visit_due_list": Case(
        "/visit-dues",
        fields=lambda w: {"params": {"household_id": w["household"]}},
        outside="empty",
        marker="household",
        named=True,
    ),
    "household_visit_form": Case(_CHEN + "/visit-form", marker="household"),
    "visit_record": Case("/visits", fields=lambda w: {"json": {"household_id": w["household"], "findings": "正常"}}),
    "visit_list": Case(_CHEN + "/visits", marker="visit"),
    "visit_read": Case("/visits/{visit[id]}", marker="visit"),
    "visit_history": Case("/visits/{visit[id]}/history"),
    "visit_amend": Case("/visits/{visit[id]}", fields=_changed("visit", findings="更正", reason="笔误")),
    "visit_void": Case("/visits/{visit[id]}/void", fields=_changed("visit", reason="重复")),
    "attention_list": Case("/attention", fields=_query(limit=200), outside="empty", marker="left_behind", named=True),
    "attention_mark": Case(
        _CHILD + "/attention", fields=_body(kind="difficult_child", starts_on="2024-05-01", source="民政台账")
    ),
    "attention_end": Case(
        "/attention/{left_behind[id]}/end", fields=_changed("left_behind", ends_on="2024-06-01", reason="父母返乡")
    ),
    "guardianship_check": Case(_CHILD + "/guardianship-checks", fields=_body(is_adequate=True)),
    "care_read": Case(_CHILD + "/care", marker="carer"),
    "carer_name": Case(
        _CHILD + "/carers", fields=_body(kind="teacher", name="刘老师", starts_on="2024-05-01", source="学校名单")
    ),
    "carer_end": Case("/carers/{carer[id]}/end", fields=_changed("carer", ends_on="2024-06-01", reason="搬走")),
}
_CLERK = (Role.DEPARTMENT_CLERK,)  # of another department than the one that owes it
_ENTITLEMENTS = {
    "entitlement_sheet": Case("/persons/{entitlement[person_id]}/entitlements"),
    "entitlement_gap_list": Case(
        "/entitlement-gaps",
        fields=_query(limit=200),
        outside="empty",
        marker="entitlement",
        hidden_from=_CLERK,
    ),
    "entitlement_explain": Case(
        "/entitlements/{entitlement[id]}/explain",
        fields=_changed("entitlement", explanation="已在外县享受"),
        hidden_from=_CLERK,
    ),
    "entitlement_compute": Case("/entitlement-runs", fields=_body(), outside="same", level=Level.COUNTY),
}

_TODOS = {
    # What a village let lie is told up to the city by default, and to no department.
    "todo_list": Case(
        "/todos",
        fields=_query(limit=200),
        outside="empty",
        marker="case_dispatched",
        hidden_from=(Role.PROVINCE_OFFICER, Role.DEPARTMENT_CLERK),
    ),
    "todo_count": Case("/todo-counts", outside="empty"),
}


CASES: Mapping[str, Case] = {
    **_REGISTRY,
    **_COMMON,
    **_CLUES,
    **_OPERATIONS,
    **_REGISTERS,
    **_UPLOADS,
    **_INCOME_AND_LINES,
    **_STAFF,
    **_DATASETS,
    **_NATIONAL,
    **_HELPERS_AND_VISITS,
    **_ENTITLEMENTS,
    **_EVIDENCE,
    **_PAPERS,
    **_CASES,
    **_TODOS,
    **kernel_cases("monitoring", thing="household", at=VILLAGE, keys=("clues.due.low_days", "clues.due.medium_days")),
}
"""Monitoring's, by operation id."""
