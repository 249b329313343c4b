"""A county with a few registered people, its departments' clerks, and a worker that reads what they hand in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.jobs.worker import JobWorker, Pace
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY
from services.monitoring.app import SERVICE
from services.monitoring.datasets import changes
from services.monitoring.datasets.tables import DepartmentRecord
from tests.personas import CHEN
from tests.services.monitoring.datasets.department_files import MAI, Office

QUICK = Pace(poll=0.02, heartbeat=0.2, keep=0.2, again=0.05)


@pytest.fixture
async def working(monitoring, asks):
    """A worker that reads files, and three registered people: 陈大山, 李秀兰, 阿依古丽·买买提."""
    stop = asyncio.Event()
    running = asyncio.create_task(JobWorker(monitoring, SERVICE.jobs, pace=QUICK).run(stop))
    for household in (CHEN, MAI):
        made = await asks().post("/households", json=household)
        assert made.status_code == 201, made.text
    yield
    stop.set()
    await running


@pytest.fixture
def office(asks, working) -> Callable[..., Office]:
    """``office(department)``: its clerk in the county."""
    return lambda department="medical", region=COUNTY: Office(
        asks(Role.DEPARTMENT_CLERK, region, department=department)
    )


@pytest.fixture
def medical(office) -> Office:
    return office()


@pytest.fixture
def records(monitoring) -> Callable[..., Any]:
    """``await records(state="in_force")``: the records that count, in order of their rows."""

    async def read(**equal):
        table = rows(DepartmentRecord)
        statement = select(table).order_by(table.c.recorded_at, table.c.row_number)
        for name, value in equal.items():
            statement = statement.where(table.c[name] == value)
        async with monitoring.database.transaction(Area.everywhere()) as connection:
            return (await connection.execute(statement)).all()

    return read


@pytest.fixture
def told():
    """What listeners were told of: county, dataset, batch."""
    heard = []

    async def listen(_unit, region, dataset, submission_id):
        heard.append((region, dataset, str(submission_id)))

    before = list(changes._listeners)
    changes.on_records_changed(listen)
    yield heard
    changes._listeners[:] = before
