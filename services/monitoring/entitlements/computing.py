"""Run a county's policies over the screening's snapshot, and settle in chunks of households what is due and received.

After a kill the job looks again from the start; a chunk that is settled twice leaves the same rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson

from chassis.jobs.context import JobContext
from services.monitoring.clues.visibility import tells_health
from services.monitoring.entitlements.actions.settle import settle_due
from services.monitoring.entitlements.job_parameters import ComputeParameters
from services.monitoring.screening.catalogue import Rule
from services.monitoring.screening.firing import fired
from services.monitoring.screening.parameters import numbers_for
from services.monitoring.screening.side_by_side import in_thread
from services.monitoring.screening.stored import rule_of, rules_in_force

HOUSEHOLDS_PER_CHUNK: Final = 2_000
_FIRST: Final = UUID(int=0)
_LAST: Final = UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True)
class _Look:
    """What :func:`fired` needs to know of a run: the day; the numbers are those of the day."""

    as_of: date
    rules: Mapping[str, Any] = field(default_factory=dict)


async def compute(job: JobContext[ComputeParameters]) -> Mapping[str, Any]:
    """Do one look; how many rows it made, changed and ended is the job's result."""
    as_of = job.parameters.as_of
    async with job.unit() as unit:
        numbers = await numbers_for(unit.connection, job.region, as_of)
        in_force = await rules_in_force(unit.connection, job.region, as_of, policies=True)
    policies = [rule_of(row) for row in in_force]
    counts = Counter(policies=len(policies), made=0, changed=0, ended=0)
    told = orjson.dumps([_told(policy) for policy in policies]).decode()
    async with fired(job, _Look(as_of), policies, numbers) as screening:
        households = await in_thread(screening.households)
        for first, last in _spans(households):
            given = await in_thread(screening.copy_text, first, last)
            async with job.chunk() as unit:
                counts.update(await settle_due(unit, told, given, as_of=as_of, first=first, last=last))
    return dict(counts)


def _told(policy: Rule) -> dict[str, Any]:
    assert policy.policy is not None
    return {
        "rule_id": policy.id,
        "version": policy.version,
        "subject": policy.subject.value,
        "department": policy.policy["department"],
        "tells_health": tells_health(policy.datasets),
        "received": policy.policy["received"],
    }


def _spans(households: Sequence[UUID]) -> Iterator[tuple[UUID, UUID]]:
    """Spans of ids that together hold every household, so that what is due no longer is met in one of them."""
    starts = [_FIRST, *households[HOUSEHOLDS_PER_CHUNK::HOUSEHOLDS_PER_CHUNK]]
    for start, following in zip(starts, [*starts[1:], None], strict=True):
        yield start, _LAST if following is None else UUID(int=following.int - 1)
