"""A whole platform in a folder, with the sample county in it, and people who ask it over its gateway."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from chassis.database.server import remove
from chassis.ports import free_port
from deploy.embedded.installation import Installation
from deploy.embedded.sign_ins import read_sign_ins
from deploy.embedded.supervisor import Platform, started
from deploy.sample.county import County, generate
from deploy.sample.doors import GatewayDoors
from deploy.sample.installing import FOLDER, announce_officers, install_county

ON = date(2024, 6, 3)
_WAIT_SECONDS = 60


@dataclass
class Journey:
    """A platform with its county, and the batches that its loading made."""

    platform: Platform
    county: County
    batches: list[dict[str, Any]]

    @property
    def folder(self) -> Path:
        """The county's files and the truth about them."""
        return self.platform.installation.directory / FOLDER

    @asynccontextmanager
    async def doors(self) -> AsyncIterator[GatewayDoors]:
        passwords = {entry.username: entry.password for entry in read_sign_ins(self.platform.installation)}
        async with GatewayDoors(self.platform.address, passwords) as doors:
            yield doors


@contextmanager
def journey(folder: Path, households: int, *, seed: int = 1, cluster: bool = False) -> Iterator[Journey]:
    """Start a platform in ``folder`` and load a sample county."""
    county = generate(households, seed, ON)
    announce_officers(Installation(folder), county)
    try:
        with started(folder, port=free_port(), say=lambda _message: None, cluster=cluster) as platform:
            batches = asyncio.run(install_county(platform.installation, platform.address, county))
            yield Journey(platform, county, batches)
    finally:
        remove(Installation(folder).postgres)  # run by root, its files lie elsewhere


def xianjie(installation: Installation, *words: str) -> subprocess.CompletedProcess[str]:
    """The operator's command over a platform, its words in English."""
    command = [str(Path(sys.executable).parent / "xianjie"), *words]
    environment = os.environ | {"XIANJIE_DATA_DIR": str(installation.directory), "LC_ALL": "en_US.UTF-8"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


async def pages(client: httpx.AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every item of a list."""
    items: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(path, params={"limit": 200, **query, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if not page.get("next_cursor"):
            return items
        cursor = {"cursor": page["next_cursor"]}


async def screened(county: httpx.AsyncClient) -> dict[str, Any]:
    """Ask for a screening and wait until it, and all before it, are over."""
    asked = await county.post("/screening-runs", json={})
    assert asked.status_code == 202, asked.text
    until = time.monotonic() + _WAIT_SECONDS
    while time.monotonic() < until:
        run: dict[str, Any] = (await county.get(f"/screening-runs/{asked.json()['id']}")).json()
        if run["state"] in ("succeeded", "failed"):
            return run
        await asyncio.sleep(0.2)
    raise AssertionError(f"the screening is not over after {_WAIT_SECONDS} s: {run['state']}")
