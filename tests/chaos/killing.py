"""Kill parts of the deployment at random moments, bring them back, and take the time until all is well again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import psycopg

from tests.chaos.load import Notes
from tests.chaos.site import API, BROKER, POSTGRES, READER, RELAY, Site

EVERYTHING: Final = "everything"
"""A power cut: every part at the same moment."""

OUTAGE: Final = "outage"
"""The broker away for a minute, while writing goes on."""

_SHARES: Final = ((API, 6), (RELAY, 5), (READER, 4), (POSTGRES, 3), (BROKER, 1), (EVERYTHING, 1))
_PARTS: Final = (API, RELAY, READER, BROKER, POSTGRES)
_QUIET_SECONDS_MAX: Final = 1.5
_AWAY_SECONDS_MAX: Final = 1.0
_RECOVERY_SECONDS_MAX: Final = 120
_POLL_SECONDS: Final = 0.05
_NEWEST: Final = 64


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill.

    :ivar recovery: seconds from the kill (of an outage: from its end) until a write that was begun after it was
        acknowledged and had reached the other service's database.
    """

    part: str
    recovery: float


class NotWell(Exception):
    """The deployment did not heal in time; the text says after which kill."""


def plan(number: int, random: Random, *, outage: bool) -> Sequence[str]:
    """Which parts to kill, in which order: each kind by its share, every kind at least once from six on."""
    wheel = [part for part, share in _SHARES for _ in range(share)]
    first = [part for part, _ in _SHARES][:number]
    chosen = first + [random.choice(wheel) for _ in range(number - len(first))]
    if outage and number:
        chosen[-1] = OUTAGE
    random.shuffle(chosen)
    return chosen


async def kill_in_turn(
    site: Site, notes: Notes, parts: Sequence[str], random: Random, *, outage_seconds: float
) -> list[Kill]:
    """Carry out the plan.

    :raises NotWell: if writes do not reach the other service again in time.
    """
    done = []
    for part in parts:
        await asyncio.sleep(random.random() * _QUIET_SECONDS_MAX)
        away = outage_seconds if part == OUTAGE else random.random() * _AWAY_SECONDS_MAX
        hit = _PARTS if part == EVERYTHING else (BROKER,) if part == OUTAGE else (part,)
        await asyncio.gather(*(asyncio.to_thread(site.kill, one) for one in hit))
        dead = time.monotonic()
        await asyncio.sleep(away)
        since = time.monotonic() if part == OUTAGE else dead  # how long a minute is, is known
        # The database first: a program that finds none would only wait for it.
        for one in sorted(hit, key=lambda one: one != POSTGRES):
            await asyncio.to_thread(site.start, one)
        await _well_again(site, notes, part, since)
        done.append(Kill(part, round(time.monotonic() - since, 2)))
    return done


async def _well_again(site: Site, notes: Notes, part: str, since: float) -> None:
    until = time.monotonic() + _RECOVERY_SECONDS_MAX
    while time.monotonic() < until:
        newest = [str(write.household) for write, _ in zip(notes.after(since), range(_NEWEST), strict=False)]
        if newest and await asyncio.to_thread(_any_known, site, newest):
            return
        await asyncio.sleep(_POLL_SECONDS)
    raise NotWell(f"{_RECOVERY_SECONDS_MAX} s after the kill of {part}, no new write had reached assets")


def _any_known(site: Site, households: Sequence[str]) -> bool:
    try:
        with psycopg.connect(site.postgres.superuser_url("assets"), connect_timeout=5) as connection:
            query = "SELECT EXISTS (SELECT FROM known_household WHERE id = ANY(%s::uuid[]))"
            [[is_known]] = connection.execute(query, (list(households),)).fetchall()
    except psycopg.OperationalError:  # not back yet
        return False
    return bool(is_known)
