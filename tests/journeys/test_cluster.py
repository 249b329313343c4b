"""The distributed mode on one machine: a process per program over a real Kafka, and every service knows the county."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import Table, func, select

from chassis.database.engine import Database
from chassis.database.metadata import rows
from chassis.database.server import remove
from chassis.events.groups import group_names, read_by
from chassis.events.reconciling import compare
from chassis.people.tables import known_household
from chassis.security.scope import Area
from chassis.testing.eventually import eventually
from deploy.embedded.installation import SERVICES
from services.monitoring.households.tables import Household
from tests.journeys.platforms import Journey, journey

HOUSEHOLDS = 12
OTHERS = [service for service in SERVICES if service.name != "monitoring"]


@pytest.fixture
def cluster(kafka_programs, tmp_path):
    try:
        with journey(tmp_path / "platform", HOUSEHOLDS, cluster=True) as running:
            yield running
    finally:
        remove(tmp_path / "platform" / "postgresql")


@pytest.mark.budget(300)
def test_the_sample_county_reaches_every_service_over_kafka(cluster: Journey):
    asyncio.run(_everybody_knows(cluster))


async def _everybody_knows(cluster: Journey) -> None:
    databases = {name: Database(told.app_url, pool_size=2) for name, told in cluster.platform.run.databases.items()}
    said = await _count(databases["monitoring"], rows(Household))
    assert said >= HOUSEHOLDS
    for service in OTHERS:
        await eventually(lambda name=service.name: _knows(databases[name], said), within_seconds=60)
        for group in group_names(service):
            types = {each.event.wire_type(): each.event.full_state for each in read_by(service, group)}

            async def agree(taker=databases[service.name], group=group, types=types) -> bool:
                found = await compare(databases["monitoring"], taker, consumer=group, types=types)
                assert found
                assert all(each.agrees for each in found), [(each.type, each.counts) for each in found]
                return True

            await eventually(agree, within_seconds=60)  # what the broker has and nobody yet took counts as missing
    for database in databases.values():
        await database.close()
    await eventually(lambda: _nobody_lags(cluster), within_seconds=30)


async def _nobody_lags(cluster: Journey) -> bool:
    """What the operator sees: each group's lag, which is nothing in the end."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{cluster.platform.address}/health/status", timeout=30)
    assert answer.status_code == 200, answer.text  # a program that is busy may not say in time that it is ready
    programs = answer.json()["programs"]
    for service in OTHERS:
        parts = programs[f"{service.name}-worker"]["answer"]["parts"]
        partitions = parts[f"consumer {service.name}.people"]["partitions"].values()
        assert partitions
        if any(one["lag"] for one in partitions):
            return False
    return True


async def _knows(database: Database, number: int) -> bool:
    return await _count(database, known_household) == number


async def _count(database: Database, table: Table) -> int:
    async with database.transaction(Area.everywhere()) as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())
