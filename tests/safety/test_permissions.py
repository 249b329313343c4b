"""Every operation, for every role, from every place, against a table written by hand: code is no oracle for itself."""

from __future__ import annotations

import pytest
import pytest_asyncio

from chassis.http.unit_route import acting_of
from chassis.security.scope import Role
from deploy.embedded.installation import SERVICES
from services.monitoring.app import SERVICE as MONITORING
from tests.safety.asking import ROLES, asked, operations_of, tokens_of, wrong_answers
from tests.safety.cases import CASES
from tests.safety.maker import World
from tests.safety.permissions import TABLE, permissions
from tests.safety.running import Running, undone
from tests.safety.world import make_world

PUBLIC = frozenset({"self_report_create", "self_report_status"})
"""Operations that need no permission. Adding one here is a decision that a reviewer sees."""

OPERATIONS = operations_of(MONITORING)
OTHERS = {service.name: operations_of(service) for service in SERVICES if service is not MONITORING}
EVERYWHERE = OPERATIONS | {name: told for of in OTHERS.values() for name, told in of.items()}


@pytest.fixture(scope="module")
def table() -> dict[str, dict[str, str]]:
    return permissions()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(service: Running) -> World:
    return await make_world(service)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tokens(service: Running) -> dict[tuple[Role, int], str]:
    return tokens_of(service)


def test_the_table_knows_every_operation_and_role_and_no_other(table):
    assert set(table) == set(EVERYWHERE) - PUBLIC
    for row in table.values():
        assert set(row) == {"operation_id", *(role.value for role in ROLES)}
        assert {row[role.value] for role in ROLES} <= {"allow", "masked", "deny"}, row["operation_id"]
    lines = TABLE.read_text("utf-8").splitlines()
    assert len(lines) == len(table) + 1, "an operation stands there twice"


def test_every_operation_needs_a_permission_or_is_listed_as_public():
    assert {name for name, (_method, route) in EVERYWHERE.items() if acting_of(route) is None} == PUBLIC


def test_what_the_kernel_serves_is_allowed_alike_in_every_service(table):
    for service, own in OTHERS.items():
        for name in own:
            alike = name.replace(f"{service}_", "monitoring_", 1)
            if alike != name and alike in OPERATIONS:
                assert {**table[name], "operation_id": ""} == {**table[alike], "operation_id": ""}, name


def test_administrators_public_and_auditors_write_no_business_in_the_table(table):
    """The table itself against clause F1, so that no edit of it lets anybody in unseen."""
    for name, (method, _route) in EVERYWHERE.items():
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
    assert operation in CASES, f"{operation}: say in tests/safety/cases how it is asked"
    method, _route = OPERATIONS[operation]
    wrong = await wrong_answers(service, method, CASES[operation], world, tokens, table[operation])
    assert not wrong, "\n".join([operation, *wrong])


@pytest.mark.asyncio(loop_scope="module")
async def test_a_clerk_of_another_department_meets_nothing_of_this_one(service, world):
    """Clause F1: departments see their own batches and reconciliation."""
    other = service.token(Role.DEPARTMENT_CLERK, 610999000000, department="education")
    wrong = []
    for operation, (method, _route) in OPERATIONS.items():
        case = CASES.get(operation)
        if case is None or not any(thing in case.path for thing in ("{batch", "{job}", "{waiting}", "{file}")):
            continue
        with undone():
            answer = await asked(service, method, case, world, other)
        if answer.status_code not in (403, 404):
            wrong.append(f"{operation}: {answer.status_code} {answer.text[:200]}")
    listed = await service.made("GET", "/submissions", other)
    assert listed["items"] == []
    jobs = await service.made("GET", "/jobs", other)
    if world["job"] in str(jobs):
        wrong.append("monitoring_jobs_list shows the other department's job")
    assert not wrong, "\n".join(wrong)
