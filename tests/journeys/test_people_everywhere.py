"""Who is registered over the public API is known to every other service, and again after a replay by the operator."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import psycopg
import pytest

from chassis.testing.eventually import eventually
from tests.journeys.platforms import Journey, journey, xianjie

pytestmark = pytest.mark.budget(180)
RECEIVERS = ("assets", "employment", "funds")
_COUNTS = "SELECT (SELECT count(*) FROM {household}), (SELECT count(*) FROM {person})"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with journey(tmp_path_factory.mktemp("platform"), 60) as made:
        yield made


def counted(told: Journey, service: str, household: str, person: str) -> tuple[int, ...]:
    """Households and persons in a service's database, over the whole country."""
    with psycopg.connect(told.platform.run.databases[service].backup_url) as connection:
        row = connection.execute(_COUNTS.format(household=household, person=person)).fetchone()
    assert row is not None
    return tuple(row)


async def knows_everybody(told: Journey, service: str, registered: tuple[int, ...]) -> None:
    async def same() -> bool:
        return await asyncio.to_thread(counted, told, service, "known_household", "known_person") == registered

    await eventually(same, within_seconds=60)


async def test_the_sample_countys_people_are_known_to_every_service(told: Journey):
    registered = counted(told, "monitoring", "household", "person")
    assert min(registered) >= 60
    for service in RECEIVERS:
        await knows_everybody(told, service, registered)


async def test_a_replay_by_the_operator_builds_one_services_people_anew(told: Journey):
    registered = counted(told, "monitoring", "household", "person")
    for service in RECEIVERS:
        await knows_everybody(told, service, registered)
    done = await asyncio.to_thread(xianjie, told.platform.installation, "replay", "--consumer", "assets.people")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "events will be delivered again" in done.stdout
    await knows_everybody(told, "assets", registered)
    assert counted(told, "funds", "known_household", "known_person") == registered, "others forgot nothing"


def test_an_unknown_consumer_is_answered_with_those_there_are(told: Journey):
    done = xianjie(told.platform.installation, "replay", "--consumer", "assets")
    assert done.returncode == 1
    assert "assets.people" in done.stderr
