"""The drill: a service is brought back to an earlier point, the comparison names what it missed, republishing mends."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from chassis.database.server import remove
from chassis.identifiers import new_id
from chassis.ports import free_port
from chassis.security.scope import Assignment, Role
from chassis.testing.eventually import eventually
from chassis.testing.programs import COUNTY
from deploy.embedded.installation import Installation
from deploy.embedded.issued_keys import IssuedKeys
from deploy.embedded.supervisor import Platform, started
from tests.journeys.platforms import xianjie
from tests.personas import household

pytestmark = pytest.mark.budget(180)
TAKER = "assets"
GROUP = "assets.people"


@pytest.fixture
def installation(tmp_path: Path):
    yield Installation(tmp_path / "platform")
    remove(tmp_path / "platform" / "postgresql")


def test_a_restored_service_is_compared_with_the_others_and_mended(installation, tmp_path):
    backup = tmp_path / "backup"
    with platform(installation) as running:
        early = _registered(running)
        asyncio.run(_knows(running, early))
        assert xianjie(installation, "backup", "--to", str(backup)).returncode == 0
        late = _registered(running)
        asyncio.run(_knows(running, late))
        assert xianjie(installation, "reconcile").returncode == 0

    restored = xianjie(installation, "restore", TAKER, "--from", str(backup), "--reason", "演练")
    assert restored.returncode == 0, restored.stderr

    with platform(installation) as running:
        assert _known(running, early)
        assert not _known(running, late), "the backup knew nothing of it"
        compared = xianjie(installation, "reconcile", "--consumer", GROUP)
        assert compared.returncode == 1
        assert re.search(rf"{late}  missing  1 / -", compared.stdout), compared.stdout
        [remedy] = re.findall(r"To mend it: xianjie (.+)", compared.stdout)
        mended = xianjie(installation, *remedy.split())
        assert mended.returncode == 0, mended.stderr
        asyncio.run(_knows(running, late))
        asyncio.run(eventually(lambda: xianjie(installation, "reconcile").returncode == 0, within_seconds=60))
        assert xianjie(installation, "audit", "verify").returncode == 0


def platform(installation: Installation) -> Any:
    return started(installation.directory, port=free_port(), say=lambda _message: None)


def _registered(running: Platform) -> str:
    """A household that an officer of the county registers over the gateway."""
    post = Assignment(new_id(), Role.COUNTY_OFFICER, COUNTY)
    keys = IssuedKeys.load_or_create(running.installation.directory)
    token = keys.issue("drill", "drill", [post], now=datetime.now(UTC), lifetime=timedelta(hours=1))
    address, headers = f"{running.address}/v1/monitoring/households", {"Authorization": f"Bearer {token}"}
    answer = httpx.post(address, json=household(), headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _knows(running: Platform, id_: str) -> None:
    await eventually(lambda: _known(running, id_), within_seconds=30)


def _known(running: Platform, id_: str) -> bool:
    with psycopg.connect(running.run.databases[TAKER].backup_url) as connection:
        return connection.execute("SELECT FROM known_household WHERE id = %s", (id_,)).fetchone() is not None
