"""Tell how long cases take, from the change at its source to each stage of the loop."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.statistics.queries.counting import Question, settle
from services.monitoring.statistics.rules import QUERY_VERSION, Stage
from services.monitoring.statistics.schemas import DurationRead, DurationsQuery, DurationsRead

_ORDER = Message("起始日期不能晚于截止日期。", "The period ends before it begins; change one of the days.")
_YEAR: Final = timedelta(days=364)
# A case counts where it lay, and by what was known of it there, at the instant.
_DURATIONS: Final = text(
    """
    WITH reached AS (
        SELECT stage, stage_on - known.changed_on AS days
        FROM case_course AS known
        CROSS JOIN LATERAL (VALUES ('hit', known.day_0), ('verified', known.verified_on),
                                   ('registered', known.registered_on), ('first_measure', known.helped_on),
                                   ('eliminated', known.eliminated_on)) AS reached(stage, stage_on)
        WHERE known.region BETWEEN :lo AND :hi
          AND known.day_0 BETWEEN CAST(:since AS date) AND CAST(:until AS date)
          AND known.recorded_at <= CAST(:known_at AS timestamptz)
          AND (known.replaced_at IS NULL OR known.replaced_at > CAST(:known_at AS timestamptz))
    )
    SELECT stage, count(days) AS cases, count(*) AS all_of, max(days) AS longest,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY days) AS p50,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY days) AS p90
    FROM reached GROUP BY stage
    """
)


async def read_durations(unit: UnitOfWork, query: DurationsQuery) -> DurationsRead:
    """The percentiles of the cases that began in a period.

    :raises NotFound: for a division outside the caller's area.
    :raises InvalidInput: for a period that ends before it begins, and as :func:`settle`.
    """
    region = query.region if query.region is not None else unit.actor.assignment.region
    area = narrowed(unit, region)
    until = query.until or unit.clock.today()
    since = query.since or until - _YEAR
    if since > until:
        raise InvalidInput(faults=[Fault("since", "period_out_of_order", _ORDER)])
    known_at = await settle(unit, Question(region, until, query.known_at))
    bound = {"lo": area.lo, "hi": area.hi, "since": since, "until": until, "known_at": known_at}
    found = {row.stage: row for row in await unit.connection.execute(_DURATIONS, bound)}
    return DurationsRead(
        region=region,
        since=since,
        until=until,
        known_at=known_at,
        query_version=QUERY_VERSION,
        cases=max((row.all_of for row in found.values()), default=0),
        durations=[_duration(stage, found.get(stage.value)) for stage in Stage],
    )


def _duration(stage: Stage, row: Any) -> DurationRead:
    if row is None:
        return DurationRead(stage=stage, cases=0, p50_days=None, p90_days=None, longest_days=None)
    return DurationRead(stage=stage, cases=row.cases, p50_days=row.p50, p90_days=row.p90, longest_days=row.longest)
