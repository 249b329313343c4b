"""One run: a deployment under a writing load, kills, and the account of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY
from tests.chaos.killing import Kill, NotWell, kill_in_turn, plan
from tests.chaos.load import CLIENTS, Client, Notes
from tests.chaos.outcome import faults
from tests.chaos.site import Site, site


@dataclass
class Account:
    """What a run did and found."""

    seed: int
    seconds: float = 0.0
    kills: list[Kill] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    faults: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The report: kills by kind with their recovery times in seconds, writes, answers, faults."""
        by_part: dict[str, list[float]] = defaultdict(list)
        for kill in self.kills:
            by_part[kill.part].append(kill.recovery)
        return {
            "seed": self.seed,
            "seconds": round(self.seconds, 1),
            "kills": {
                part: {"number": len(times), "recovery_median": median(times), "recovery_max": max(times)}
                for part, times in sorted(by_part.items())
            },
            "households": len(self.notes.versions),
            "acknowledged_writes": len(self.notes.acknowledged),
            "answers": dict(sorted(self.notes.answers.items())),
            "faults": self.faults,
        }


def run(*, kills: int, seed: int, outage_seconds: float) -> Account:
    """Kill ``kills`` times; a last kill is the broker's outage unless ``outage_seconds`` is 0.

    :raises BrokerMissing: without Java or Maven.
    """
    account = Account(seed)
    began = time.monotonic()
    with site() as running:
        asyncio.run(_run(running, account, kills, outage_seconds))
    account.seconds = time.monotonic() - began
    return account


async def _run(running: Site, account: Account, kills: int, outage_seconds: float) -> None:
    random = Random(account.seed)  # to be repeated, not to be unguessable
    token = running.token(Role.COUNTY_OFFICER, COUNTY)
    stop = asyncio.Event()
    clients = [Client(running.address, token, account.notes, Random(random.random())) for _ in range(CLIENTS)]
    writing = [asyncio.create_task(client.run(stop)) for client in clients]
    watching = asyncio.create_task(running.watch())
    try:
        parts = plan(kills, random, outage=outage_seconds > 0)
        account.kills = await kill_in_turn(running, account.notes, parts, random, outage_seconds=outage_seconds)
        stop.set()
        await asyncio.gather(*writing)
        account.faults = await faults(running, account.notes)
    except NotWell as failure:
        account.faults = [str(failure)]
    finally:
        watching.cancel()
        for task in writing:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
