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
# A department's row says when it happened; a report of a person happened on the day on which it was made. A change that
# is dated after the case began (a yearly sum up to the month's end) counts as of the case's first day. A clue that
# joins an open case changes nothing of it, and a measure that was amended counts as it was on record at the instant.
_DURATIONS: Final = text(
    """
    WITH begun AS MATERIALIZED (
        SELECT own.id, own.household_id, own.day_0, CAST(first.details ->> 'clue' AS uuid) AS clue_id
        FROM monitoring_case AS own JOIN case_step AS first ON first.case_id = own.id AND first.number = 1
        WHERE own.region BETWEEN :lo AND :hi AND own.origin = 'clue'
          AND own.day_0 BETWEEN CAST(:since AS date) AND CAST(:until AS date)
          AND first.recorded_at <= CAST(:known_at AS timestamptz)
    ), source AS MATERIALIZED (
        SELECT begun.id, least(min(coalesce(record.event_date, hit.hit_on)), min(begun.day_0)) AS changed_on
        FROM begun JOIN hit ON hit.clue_id = begun.clue_id
        LEFT JOIN LATERAL (
            SELECT min(row.event_date) AS event_date FROM department_record AS row
            WHERE row.id = ANY(hit.source_records)
        ) AS record ON true
        GROUP BY begun.id
    ), step AS MATERIALIZED (
        SELECT begun.id, min(done.on_day) FILTER (WHERE done.action = 'confirm') AS verified_on,
               max(done.on_day) FILTER (WHERE done.action = 'register') AS registered_on,
               max(done.on_day) FILTER (WHERE done.action = 'eliminate') AS eliminated_on
        FROM begun JOIN case_step AS done ON done.case_id = begun.id
        WHERE done.recorded_at <= CAST(:known_at AS timestamptz) GROUP BY begun.id
    ), helped AS MATERIALIZED (
        SELECT begun.id, min(stood.started_on) AS helped_on
        FROM begun JOIN measure AS given ON given.household_id = begun.household_id
        CROSS JOIN LATERAL (
            SELECT said.started_on, said.state FROM (
                SELECT given.version, given.started_on, given.state, given.recorded_at
                UNION ALL
                SELECT past.version, CAST(past.document ->> 'started_on' AS date), past.document ->> 'state',
                       CAST(past.document ->> 'recorded_at' AS timestamptz)
                FROM measure_history AS past WHERE past.id = given.id
            ) AS said
            WHERE said.recorded_at <= CAST(:known_at AS timestamptz) ORDER BY said.version DESC LIMIT 1
        ) AS stood
        WHERE stood.started_on >= begun.day_0 AND stood.state <> 'withdrawn'
        GROUP BY begun.id
    ), reached AS (
        SELECT stage, stage_on - coalesce(source.changed_on, begun.day_0) AS days
        FROM begun LEFT JOIN source USING (id) LEFT JOIN step USING (id) LEFT JOIN helped USING (id)
        CROSS JOIN LATERAL (VALUES ('hit', begun.day_0), ('verified', step.verified_on),
                                   ('registered', step.registered_on), ('first_measure', helped.helped_on),
                                   ('eliminated', step.eliminated_on)) AS reached(stage, stage_on)
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
