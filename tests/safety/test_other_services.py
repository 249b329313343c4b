"""The services without business: nobody reaches more of them than the table says, and none of their rows lies open."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chassis.database.metadata import is_policed, kernel
from deploy.embedded.installation import SERVICES
from services.monitoring.app import SERVICE as MONITORING
from tests.safety.asking import operations_of, tokens_of, wrong_answers
from tests.safety.cases import kernel_cases
from tests.safety.kernel_world import make_kernel_world
from tests.safety.permissions import permissions
from tests.safety.running import Running, assert_every_region_is_guarded, running

OTHERS = [service for service in SERVICES if service is not MONITORING]
KEYS = ("files.keep_days.imports", "files.keep_days.imports")


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=OTHERS, ids=lambda service: service.name)
async def other(request, postgres_url, tmp_path_factory) -> AsyncIterator[Running]:
    async with running(postgres_url, tmp_path_factory.mktemp("data"), of=request.param) as made:
        yield made


@pytest.mark.asyncio(loop_scope="module")
async def test_each_role_reaches_what_the_table_says_and_nothing_elsewhere(other):
    [service] = [each for each in OTHERS if each.name == other.program.name]
    world, tokens, table = await make_kernel_world(other), tokens_of(other), permissions()
    cases = kernel_cases(service.name, thing="notice", at=610999000000, keys=KEYS)
    known = operations_of(service)
    assert set(known) == set(cases), "say in tests/safety/cases how each operation is asked"
    wrong = []
    for operation, (method, _route) in sorted(known.items()):
        faults = await wrong_answers(other, method, cases[operation], world, tokens, table[operation])
        wrong += [f"{operation}: {fault}" for fault in faults]
    assert not wrong, "\n".join(wrong)


@pytest.mark.asyncio(loop_scope="module")
async def test_every_table_with_a_region_is_forced_under_the_policy(other):
    [service] = [each for each in OTHERS if each.name == other.program.name]
    policed = {t.name for metadata in (service.tables, kernel) for t in metadata.sorted_tables if is_policed(t)}
    assert policed >= {"known_person", "known_household", "known_number"}
    assert_every_region_is_guarded(other.database, policed)
