"""Read from the database itself what waits in it: a task that died would go on showing its last number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import text

from chassis.jobs.tables import JobState
from chassis.program import Program
from chassis.security.scope import Area

COUNT_MAX: Final = 100_000
"""No backlog is counted further: that many is bad enough, and a scrape must stay cheap."""

_STATES: Final = tuple(JobState)

_READ: Final = text(
    """
    WITH last AS (
        SELECT epoch, xid, entry_id FROM audit_seal ORDER BY sequence DESC LIMIT 1
    ), unsealed AS (
        (SELECT time FROM audit_entry WHERE NOT EXISTS (SELECT FROM last) LIMIT :max)
        UNION ALL
        (SELECT entry.time FROM last, audit_entry AS entry
         WHERE (entry.epoch, entry.xid, entry.id) > (last.epoch, last.xid, last.entry_id) LIMIT :max)
    )
    SELECT
        (SELECT count(*) FROM (SELECT FROM pending LIMIT :max) AS counted) AS pending,
        (SELECT extract(epoch FROM clock_timestamp() - o.time) FROM outbox AS o
         WHERE o.id = (SELECT event_id FROM pending ORDER BY position LIMIT 1)) AS pending_seconds,
        (SELECT count(*) FROM unsealed) AS unsealed,
        (SELECT extract(epoch FROM clock_timestamp() - min(time)) FROM unsealed) AS unsealed_seconds,
        -- Committed, and not yet told by the change feed: an older transaction of the cluster is still open.
        (SELECT extract(epoch FROM clock_timestamp() - min(entry.time)) FROM audit_entry AS entry
         WHERE (entry.epoch, entry.xid)
               >= ((SELECT coalesce(max(number), 0) FROM epoch), pg_snapshot_xmin(pg_current_snapshot()))
        ) AS feed_seconds,
        (SELECT jsonb_agg(jsonb_build_array(consumer, state, number)) FROM (
            SELECT consumer, state, count(*) AS number
            FROM (SELECT consumer, state FROM parked LIMIT :max) AS aside GROUP BY consumer, state
        ) AS by_state) AS parked,
        (SELECT jsonb_object_agg(state, number) FROM (
            SELECT state, count(*) AS number FROM job GROUP BY state) AS by_state) AS jobs
    """
)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits: events unpublished, audit entries unsealed, changes behind the feed's horizon, events parked, jobs.

    Ages in seconds are of the oldest. ``feed_seconds`` is how far the change feed lags behind what is committed.
    """

    pending: int
    pending_seconds: float
    unsealed: int
    unsealed_seconds: float
    feed_seconds: float
    parked: Mapping[tuple[str, str], int]
    jobs: Mapping[str, int]


async def read(program: Program) -> Backlog:
    """The backlog of ``program``'s database.

    :raises DBAPIError, TimeoutError: of SQLAlchemy, while the database is away.
    """
    async with program.database.transaction(Area.everywhere()) as connection:
        row = (await connection.execute(_READ, {"max": COUNT_MAX})).one()
    return Backlog(
        pending=row.pending,
        pending_seconds=_age(row.pending_seconds),
        unsealed=row.unsealed,
        unsealed_seconds=_age(row.unsealed_seconds),
        feed_seconds=_age(row.feed_seconds),
        parked={(consumer, state): number for consumer, state, number in row.parked or ()},
        jobs={state.value: (row.jobs or {}).get(state, 0) for state in _STATES},
    )


def _age(seconds: Any) -> float:
    return max(0.0, float(seconds or 0))


class BacklogGauges(Collector):
    """The backlog last read, as metrics; none while there is none."""

    def __init__(self) -> None:
        self.found: Backlog | None = None

    def collect(self) -> Iterator[Metric]:
        parked = GaugeMetricFamily("xianjie_events_aside", "Events parked now, by state.", labels=["consumer", "state"])
        unsealed = GaugeMetricFamily("xianjie_audit_unsealed", "Audit entries not yet in the chain.")
        age = GaugeMetricFamily("xianjie_audit_unsealed_seconds", "Age of the oldest audit entry not in the chain.")
        feed = GaugeMetricFamily(
            "xianjie_feed_seconds", "Age of the oldest commit that the change feed cannot tell yet."
        )
        jobs = GaugeMetricFamily("xianjie_jobs", "Jobs by state.", labels=["state"])
        if self.found is not None:
            for labels, number in self.found.parked.items():
                parked.add_metric(labels, number)
            unsealed.add_metric((), self.found.unsealed)
            age.add_metric((), self.found.unsealed_seconds)
            feed.add_metric((), self.found.feed_seconds)
            for state, number in self.found.jobs.items():
                jobs.add_metric((state,), number)
        yield from (parked, unsealed, age, feed, jobs)
