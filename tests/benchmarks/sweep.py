"""`sweep`: what a county of 200,000 persons in 60,000 households costs at night, beside the same SQL by hand.

Ours are the set-based sweeps themselves: visits due, missing carers, registers added up and judged; on a night on which
all of it is new, so that every row is written, with audit entry and change feed. The SQL by hand
(:mod:`tests.benchmarks.sweep_by_hand`) answers the same and writes as many rows of each table, and nothing else. So the
ratio holds all that our rules and records cost.
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
from tests.benchmarks.sweep_by_hand import BY_HAND, COPIED

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
    INSERT INTO monitoring_fact (household_id, number, region, holds_from, monitoring_type, risks, registered_on,
                                 source, source_id)
    SELECT id, 1, region, registered_on, monitoring_type, risks, registered_on, 'national', id
    FROM household WHERE monitoring_type IS NOT NULL;
    INSERT INTO person (id, region, household_id, name, birth_date, sex, relation, health, is_left_behind,
                        labour_skill, school_stage, state, version, valid_from)
    SELECT gen_random_uuid(), region, id, '王小明', CASE m WHEN 1 THEN date '2014-01-01' WHEN 2 THEN date '1980-01-01'
           ELSE date '1950-01-01' END, '1', '20', '{}', m = 1,
           CASE WHEN m = 2 AND abs(hashtext(id::text)) %% 20 > 0 THEN 'ordinary' WHEN m > 1 THEN 'none' END,
           CASE WHEN m = 1 THEN 'primary' END, 'active', 1, valid_from
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
           CASE WHEN abs(hashtext(id::text)) %% 10 > 0 THEN %(today)s::date - 50 END FROM person WHERE is_left_behind
"""
_ALIKE: Final = " AND ".join(
    f"(SELECT count(*) FROM {table}) = (SELECT count(*) FROM hand_{table})" for table in COPIED
)


def run() -> Iterator[Measured]:
    """Seconds of a night, each sweep beside its SQL, and all of them together."""
    today = SystemClock().today()
    with stage() as here:
        url = here.postgres.superuser_url("monitoring")
        with psycopg.connect(url, autocommit=True) as connection:
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_FILL, {"today": today, "count": HOUSEHOLDS})
            for table, referred in COPIED.items():
                connection.execute(f"CREATE TABLE hand_{table} (LIKE {table} INCLUDING ALL)")
                for other in referred:
                    connection.execute(f"ALTER TABLE hand_{table} ADD FOREIGN KEY ({other}_id) REFERENCES {other} (id)")
            connection.execute("VACUUM ANALYZE")
            os.environ.update(here.environment)
            ours = asyncio.run(_ours(today))
            by_hand = []
            with psycopg.ClientCursor(connection) as cursor:
                for sweep in _SWEEPS:
                    before = time.perf_counter()
                    for statement in BY_HAND[sweep.name]:
                        cursor.execute(statement, {"today": today})
                    by_hand.append(time.perf_counter() - before)
            [(alike,)] = connection.execute(f"SELECT {_ALIKE}").fetchall()
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
