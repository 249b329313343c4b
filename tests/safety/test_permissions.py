"""Every operation, for every role, from every place, against a table written by hand: the code is no oracle for itself.

A post is asked from five places: its own division over the object's place, a sibling of that, the division above, one
below that does not hold the object, and another province. Posts that an issuer would refuse (a cadre of a whole town)
are asked too: what may be seen follows from the post's division alone.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from chassis.http.application import create_app
from chassis.http.document import operations
from chassis.http.unit_route import acting_of
from chassis.security.scope import Area, Role, level_of
from chassis.start import make_idle_program
from services.monitoring.app import SERVICE
from tests.safety.cases import CASES, Case
from tests.safety.running import Running, undone
from tests.safety.world import CLERK, DEPARTMENT, World, make_world

TABLE = Path(__file__).parent.parent / "permissions.csv"
ROLES = [role for role in Role if role is not Role.PROGRAM]
PUBLIC = frozenset({"self_report_create", "self_report_status"})
"""Operations that need no permission. Adding one here is a decision that a reviewer sees."""

_COUNTY_LEVEL = {
    "own": 610999000000,
    "sibling": 610998000000,
    "parent": 610900000000,
    "child": 610999102000,
    "other province": 510999000000,
}
_VILLAGE_LEVEL = {
    "own": 610999101203,
    "sibling": 610999101204,
    "parent": 610999101000,
    "other province": 510999101203,
}
POSTS: dict[Role, dict[str, int]] = dict.fromkeys(ROLES, _COUNTY_LEVEL) | {
    Role.PROVINCE_OFFICER: {
        "own": 610000000000,
        "sibling": 620000000000,
        "child": 610800000000,
        "other province": 510000000000,
    },
    Role.CITY_OFFICER: {
        "own": 610900000000,
        "sibling": 610800000000,
        "parent": 610000000000,
        "child": 610998000000,
        "other province": 510900000000,
    },
    Role.TOWN_OFFICER: {
        "own": 610999101000,
        "sibling": 610999102000,
        "parent": 610999000000,
        "child": 610999101204,
        "other province": 510999101000,
    },
    Role.VILLAGE_CADRE: _VILLAGE_LEVEL,
    Role.GRID_WORKER: _VILLAGE_LEVEL,
}
"""Nothing lies above a province, and nothing below a village."""


def _operations() -> dict[str, tuple[str, Any]]:
    app = create_app(SERVICE, make_idle_program(SERVICE.name))
    return {
        str(route.operation_id): (method, route) for _path, route in operations(app) for method in route.methods or ()
    }


OPERATIONS = _operations()


def _table() -> dict[str, dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["operation_id"]: row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, str]]:
    return _table()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(service: Running) -> World:
    return await make_world(service)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tokens(service: Running) -> dict[tuple[Role, int], str]:
    clerk = {"department": DEPARTMENT, "subject": CLERK}
    return {
        (role, region): service.token(role, region, **(clerk if role is Role.DEPARTMENT_CLERK else {}))
        for role, places in POSTS.items()
        for region in places.values()
    }


def test_the_table_knows_every_operation_and_role_and_no_other(table):
    assert set(table) == set(OPERATIONS) - PUBLIC
    for row in table.values():
        assert set(row) == {"operation_id", *(role.value for role in ROLES)}
        assert {row[role.value] for role in ROLES} <= {"allow", "masked", "deny"}, row["operation_id"]
    lines = TABLE.read_text("utf-8").splitlines()
    assert len(lines) == len(table) + 1, "an operation stands there twice"


def test_every_operation_needs_a_permission_or_is_listed_as_public():
    assert {name for name, (_method, route) in OPERATIONS.items() if acting_of(route) is None} == PUBLIC


def test_administrators_public_and_auditors_write_no_business_in_the_table(table):
    """The table itself against domain F1, so that no edit of it lets anybody in unseen."""
    for name, (method, _route) in OPERATIONS.items():
        if name not in table or method == "GET" or name == "person_search":
            continue
        allowed = {role for role in ROLES if table[name][role.value] != "deny"}
        assert not allowed & {Role.AUDITOR, Role.PUBLIC_READER, Role.SYSTEM_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR}
        assert Role.SECURITY_ADMINISTRATOR not in allowed or name in {"officer_register", "post_grant", "post_end"}
        if name.endswith(("_approve", "_confirm", "_activate")):
            assert not allowed & {Role.VILLAGE_CADRE, Role.GRID_WORKER}, f"{name}: a village approves nothing"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("operation", sorted(set(OPERATIONS) - PUBLIC))
async def test_each_role_reaches_what_the_table_says_and_nothing_elsewhere(operation, service, world, tokens, table):
    assert operation in table, f"{operation}: write its line in tests/permissions.csv"
    assert operation in CASES, f"{operation}: say in tests/safety/cases.py how it is asked"
    method, _route = OPERATIONS[operation]
    case = CASES[operation]
    places = [(role, place, region) for role in ROLES for place, region in POSTS[role].items()]
    with undone():
        answers = await asyncio.gather(
            *(_asked(service, method, case, world, tokens[role, region]) for role, _place, region in places)
        )
    wrong = [
        f"{role.value} of its {place} {region}: {fault}"
        for (role, place, region), answer in zip(places, answers, strict=True)
        for fault in _faults(table[operation][role.value], case, world, region, answer, hidden=role in case.hidden_from)
    ]
    assert not wrong, "\n".join([operation, *wrong])


async def _asked(service: Running, method: str, case: Case, world: World, token: str) -> httpx.Response:
    return await service.ask(method, case.path.format(**world), token, **case.fields(world))


def _faults(cell: str, case: Case, world: World, region: int, answer: httpx.Response, *, hidden: bool) -> Iterator[str]:
    said = f"{answer.status_code} {answer.text[:300]}"
    if cell == "deny" or (case.level is not None and level_of(region) is not case.level):
        if answer.status_code != 403:
            yield f"must be 403, is {said}"
        return
    area = Area.of(region)
    inside = case.outside == "same" or area.contains(case.at) or (case.around and Area.of(case.at).covers(area))
    marker = _marker(case, world)
    if inside and not hidden:
        if not (answer.is_success or answer.status_code == 304):
            yield f"must succeed, is {said}"
        elif marker is not None and marker not in answer.text:
            yield f"must show {case.marker}, is {said}"
        elif case.named:
            yield from _mask_faults(cell, answer.text)
    elif not _keeps_out(case, marker, answer):
        yield f"must keep out ({case.outside}), is {said}"


def _keeps_out(case: Case, marker: str | None, answer: httpx.Response) -> bool:
    """Whether the answer to somebody outside the object's area tells and does nothing."""
    if case.outside == "empty":
        return answer.is_success and (marker is None or marker not in answer.text)
    if case.outside == "nothing":
        return answer.is_success and answer.json()["created"] == 0
    if case.outside == "named" and answer.status_code == 422:
        codes = {fault["code"] for fault in answer.json()["errors"]}
        return "county_needed" in codes or any("outside" in code for code in codes)
    return answer.status_code in ({404} if answer.request.method == "GET" else {403, 404})


def _marker(case: Case, world: World) -> str | None:
    thing = world[case.marker] if case.marker else None
    return thing["id"] if isinstance(thing, dict) else thing


def _mask_faults(cell: str, text: str) -> Iterator[str]:
    if "610999197403123010" in text:
        yield "shows an identity number whole"
    if ("陈大山" in text) == (cell == "masked"):
        yield f"shows names {'whole' if cell == 'masked' else 'masked'}"
    if cell == "masked" and "陈**" not in text:
        yield "shows no masked name at all"


@pytest.mark.asyncio(loop_scope="module")
async def test_a_clerk_of_another_department_meets_nothing_of_this_one(service, world):
    """Domain F1: departments see their own batches and reconciliation."""
    other = service.token(Role.DEPARTMENT_CLERK, 610999000000, department="education")
    wrong = []
    for operation, (method, _route) in OPERATIONS.items():
        case = CASES.get(operation)
        if case is None or not any(thing in case.path for thing in ("{batch", "{job}", "{waiting}", "{file}")):
            continue
        with undone():
            answer = await _asked(service, method, case, world, other)
        if answer.status_code not in (403, 404):
            wrong.append(f"{operation}: {answer.status_code} {answer.text[:200]}")
    listed = await service.made("GET", "/submissions", other)
    assert listed["items"] == []
    jobs = await service.made("GET", "/jobs", other)
    if world["job"] in str(jobs):
        wrong.append("monitoring_jobs_list shows the other department's job")
    assert not wrong, "\n".join(wrong)
