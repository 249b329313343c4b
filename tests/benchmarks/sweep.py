"""`sweep`: what a county of 200,000 persons in 60,000 households costs at night, beside the same SQL by hand.

Ours are the set-based sweeps themselves: visits due, missing carers, findings of registers; on a night on which all of
it is new, so that every row is written, with audit entry, change feed and outbox of findings. The SQL by hand reads
the same tables and writes the same dues and findings as plain INSERTs into copies with the same indexes, and nothing
else: no audit, no feed, no policy, no look for what is over. So the ratio holds all that our rules cost.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from datetime import date
from typing import Final

import psycopg

from chassis.clock import SystemClock
from chassis.jobs.sweeps import Sweep, SweepRun
from chassis.lifecycle import opened
from chassis.settings import ProgramSettings
from chassis.start import make_program
from services.monitoring.app import SERVICE
from services.monitoring.attention.actions.findings import CARERS
from services.monitoring.registers.jobs import ASSESS
from services.monitoring.visits.actions.refresh import DUES
from tests.benchmarks.report import Measured
from tests.benchmarks.stage import stage

COUNTY: Final = 610999000000
HOUSEHOLDS: Final = 60_000
_SWEEPS: Final = (DUES, CARERS, ASSESS)
_FILL: Final = """
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, monitoring_type, risks,
                           registered_on, member_count, state, origin, version, valid_from)
    SELECT gen_random_uuid(), 610999100201 + n %% 15 * 1000 + n / 15 %% 10, 610999100201, n %% 3 = 0, false,
           CASE WHEN n %% 5 = 0 THEN '1' END, '{}', CASE WHEN n %% 5 = 0 THEN %(today)s::date - 400 END, 3, 'active',
           'registered', 1, %(today)s::date - 500
    FROM generate_series(1, %(count)s) AS n;
    INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind, state,
                        version, valid_from)
    SELECT gen_random_uuid(), region, id, '王小明', date '2014-01-01', '1', '20', '{}', m = 1, 'active', 1, valid_from
    FROM household CROSS JOIN generate_series(1, 3 + abs(hashtext(id::text)) %% 3 / 2) AS m;
    INSERT INTO attention (id, region, household_id, person_id, kind, starts_on, source, state, version,
                           recorded_by)
    SELECT gen_random_uuid(), region, household_id, id, 'left_behind_child', %(today)s::date - 100, 'x', 'active', 1,
           'x'
    FROM person WHERE is_left_behind AND abs(hashtext(id::text)) %% 10 = 0;
    INSERT INTO register_water_access (id, version, region, household_id, fact_key, holds_from, source, county,
                                       recorded_by, distance_metres)
    SELECT gen_random_uuid(), 1, region, id, 'access:' || id, %(today)s::date - 100, 'cadre', 610999000000, 'x',
           CASE WHEN abs(hashtext(id::text)) %% 10 = 0 THEN 5000 ELSE 10 END FROM household;
    INSERT INTO register_chronic (id, version, region, household_id, person_id, fact_key, holds_from, source, county,
                                  recorded_by, illness, signed_on)
    SELECT gen_random_uuid(), 1, region, household_id, id, 'chronic:' || id, %(today)s::date - 100, 'cadre',
           610999000000, 'x', 'diabetes',
           CASE WHEN abs(hashtext(id::text)) %% 10 > 0 THEN %(today)s::date - 50 END FROM person WHERE is_left_behind;
    CREATE TABLE hand_due (LIKE visit_due INCLUDING ALL);
    CREATE TABLE hand_finding (LIKE finding INCLUDING ALL);
    CREATE TABLE hand_register_finding (LIKE register_finding INCLUDING ALL)
"""
_BY_HAND: Final = (
    """
    INSERT INTO hand_due (household_id, reason, subject_id, region, person_id, begins_on, last_visited_on, due_on, form,
                          rhythm)
    SELECT d.household_id, d.reason, coalesce(d.person_id, d.household_id), d.region, d.person_id, d.begins_on, m.day,
           CASE d.rhythm WHEN 'days' THEN coalesce(m.day, d.begins_on) + 30
                ELSE (date_trunc('month', coalesce(m.day, d.begins_on)) + interval '2 months' - interval '1 day')::date
           END, d.form, d.rhythm
    FROM (
        SELECT id AS household_id, region, NULL::uuid AS person_id, 'monitored' AS reason, registered_on AS begins_on,
               'general' AS form, 'month' AS rhythm
        FROM household WHERE state = 'active' AND monitoring_type IS NOT NULL
        UNION ALL
        SELECT a.household_id, a.region, a.person_id, a.kind, a.starts_on, 'guardianship', 'days'
        FROM attention AS a JOIN person AS p ON p.id = a.person_id AND p.state = 'active'
        JOIN household AS h ON h.id = a.household_id AND h.state = 'active' WHERE a.state = 'active'
    ) AS d
    LEFT JOIN LATERAL (
        SELECT max(visited_on) AS day FROM visit_met
        WHERE subject_id = coalesce(d.person_id, d.household_id) AND reason = d.reason
    ) AS m ON true
    """,
    """
    INSERT INTO hand_finding (id, region, household_id, person_id, code, field, message_zh, message_en, state, found_on,
                              version)
    SELECT uuidv7(), a.region, a.household_id, a.person_id, k.code, '/carers', '', '', 'open', %(today)s, 1
    FROM attention AS a JOIN person AS p ON p.id = a.person_id AND p.state = 'active'
    JOIN household AS h ON h.id = a.household_id AND h.state = 'active'
    CROSS JOIN unnest(ARRAY['neighbour', 'teacher', 'cadre', 'volunteer_team']) AS k(code)
    WHERE a.state = 'active' AND NOT EXISTS (
        SELECT FROM carer AS c WHERE c.person_id = a.person_id AND c.kind = k.code AND c.ends_on IS NULL)
    """,
    """
    INSERT INTO hand_register_finding (id, region, register_code, code, duty, household_id, person_id, fact_id, state,
                                       found_on, version)
    SELECT uuidv7(), f.region, 'water_access', 'far', 'water', f.household_id, NULL, f.id, 'open', %(today)s, 1
    FROM register_water_access AS f JOIN household AS h ON h.id = f.household_id AND h.state = 'active'
    WHERE f.replaced_at IS NULL AND f.distance_metres > 1000 AND f.holds_from <= %(today)s AND f.holds_to IS NULL
    UNION ALL
    SELECT uuidv7(), f.region, 'chronic', 'none', 'health', f.household_id, f.person_id, f.id, 'open', %(today)s, 1
    FROM register_chronic AS f JOIN person AS p ON p.id = f.person_id AND p.state = 'active'
    JOIN household AS h ON h.id = f.household_id AND h.state = 'active'
    WHERE f.replaced_at IS NULL AND f.signed_on IS NULL AND f.holds_from <= %(today)s AND f.holds_to IS NULL
    """,
)
_ALIKE: Final = """
    SELECT (SELECT count(*) FROM visit_due) = (SELECT count(*) FROM hand_due)
       AND (SELECT count(*) FROM finding) = (SELECT count(*) FROM hand_finding)
       AND (SELECT count(*) FROM register_finding) = (SELECT count(*) FROM hand_register_finding)
"""


def run() -> Iterator[Measured]:
    """Seconds of a night, each sweep beside its SQL, and all of them together."""
    today = SystemClock().today()
    with stage() as here:
        url = here.postgres.superuser_url("monitoring")
        with psycopg.connect(url, autocommit=True) as connection:
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_FILL, {"today": today, "count": HOUSEHOLDS})
            connection.execute("VACUUM ANALYZE")
            os.environ.update(here.environment)
            ours = asyncio.run(_ours(today))
            by_hand = []
            with psycopg.ClientCursor(connection) as cursor:
                for statement in _BY_HAND:
                    before = time.perf_counter()
                    cursor.execute(statement, {"today": today})
                    by_hand.append(time.perf_counter() - before)
            [(alike,)] = connection.execute(_ALIKE).fetchall()
            if not alike:
                raise RuntimeError("sweep: the two write different rows")
    for sweep, mine, hand in zip(_SWEEPS, ours, by_hand, strict=True):
        yield Measured(f"sweep.{sweep.name}", mine, hand, "s", 2, "lower")
    yield Measured("sweep.night", sum(ours), sum(by_hand), "s", 2, "lower")


async def _ours(today: date) -> list[float]:
    program = make_program("monitoring", ProgramSettings())
    async with opened(SERVICE, program):
        return [await _timed(sweep, SweepRun(program, sweep.name, COUNTY, today)) for sweep in _SWEEPS]


async def _timed(sweep: Sweep, run: SweepRun) -> float:
    before = time.perf_counter()
    await sweep.run(run)
    return time.perf_counter() - before
