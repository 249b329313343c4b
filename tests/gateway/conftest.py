"""The gateway's own database, and its worker's consumer on a bus in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chassis.bus.in_process import InProcessBus
from chassis.events.groups import consumers_of, group_names
from chassis.program import Program
from gateway.service import SERVICE


@pytest.fixture
def gateway_program(make_program: Callable[..., Program], make_database) -> Program:
    database = make_database(SERVICE.tables, versions=SERVICE.migrations, name="gateway")
    return make_program("gateway", database=database)


@pytest.fixture
async def bus(gateway_program: Program) -> InProcessBus:
    bus = InProcessBus(group_names(SERVICE))
    for consumer in consumers_of(SERVICE, gateway_program):
        await bus.join(consumer)
    return bus
