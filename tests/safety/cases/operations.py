"""How a phone's operations are asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.identifiers import new_id
from tests.safety.cases.case import VISITED, Case
from tests.safety.maker import World
from tests.services.monitoring.signed import authorisation, filled


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
        ("case.verify", world["case_dispatched"]["id"], None, VISITED),
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


OPERATIONS = {"monitoring_operations_push": Case("/operations", fields=_operations, outside="each")}
