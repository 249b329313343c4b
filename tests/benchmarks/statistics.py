"""`statistics`: the figures of a county of 12,000 households over HTTP, beside the same SQL written by hand.

``statistics.present`` asks for today's figures by type, ``statistics.past`` for those of a day half a year ago as known
today; the SQL by hand answers the same questions over the same tables, without policies, token or HTTP. Both count
alike, or the benchmark fails. Turns alternate, medians are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import psycopg

from chassis.clock import SystemClock
from chassis.ports import free_port
from chassis.security.scope import Role
from tests.benchmarks.asking import Asker
from tests.benchmarks.in_turn import in_turn
from tests.benchmarks.report import Measured
from tests.benchmarks.stage import serving, stage

COUNTY: Final = 610999000000
HOUSEHOLDS: Final = 12_000
_FILL: Final = """
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, monitoring_type, risks,
                           registered_on, eliminated_on, member_count, state, origin, version, valid_from, recorded_at)
    SELECT gen_random_uuid(), 610999100201 + n %% 15 * 1000 + n %% 10, 610999100201, n %% 3 = 0, false,
           CASE WHEN n %% 7 = 0 THEN (1 + n %% 3)::text END, '{01,08}',
           CASE WHEN n %% 7 = 0 THEN %(today)s::date - 400 + n %% 90 END,
           CASE WHEN n %% 21 = 0 THEN %(today)s::date - 100 END,
           1 + n %% 6, 'active', 'registered', 2, %(today)s::date - 30, clock_timestamp()
    FROM generate_series(1, %(count)s) AS n;
    INSERT INTO household_history (id, version, region, valid_from, valid_to, recorded_at, replaced_at, document)
    SELECT id, 1, region, %(today)s::date - 500, %(today)s::date - 30, recorded_at - interval '1 second', recorded_at,
           to_jsonb(h) || '{"version": 1}' FROM household AS h;
    INSERT INTO monitoring_fact (household_id, number, region, holds_from, monitoring_type, risks, registered_on,
                                 source, source_id)
    SELECT id, 1, region, registered_on, monitoring_type, risks, registered_on, 'national', gen_random_uuid()
    FROM household WHERE monitoring_type IS NOT NULL;
    INSERT INTO monitoring_fact (household_id, number, region, holds_from, monitoring_type, risks, registered_on,
                                 eliminated_on, elimination_mode, source, source_id)
    SELECT id, 2, region, eliminated_on, monitoring_type, risks, registered_on, eliminated_on, 'helped', 'national',
           gen_random_uuid()
    FROM household WHERE eliminated_on IS NOT NULL;
"""
_FIGURES: Final = """
    SELECT monitoring_type, CASE WHEN eliminated_on <= %(on)s THEN 'eliminated' WHEN state = 'active' THEN 'active'
                                 ELSE 'ended' END, count(*), sum(member_count)
    FROM ({stood}) AS stood
    WHERE monitoring_type IS NOT NULL AND registered_on <= %(on)s AND region BETWEEN 610999000000 AND 610999999999
    GROUP BY 1, 2
"""
_BY_HAND: Final = {
    "present": _FIGURES.format(stood="SELECT * FROM household"),
    "past": _FIGURES.format(
        stood="""
        SELECT h.region, h.state, h.member_count, f.monitoring_type, f.registered_on, f.eliminated_on
        FROM (
            SELECT DISTINCT ON (id) * FROM (
                SELECT id, version, region, state, member_count, valid_from, recorded_at FROM household
                UNION ALL
                SELECT id, version, region, document->>'state', (document->>'member_count')::smallint, valid_from,
                       recorded_at
                FROM household_history
            ) AS v
            WHERE (valid_from <= %(on)s OR version = 1) AND recorded_at <= %(known_at)s
            ORDER BY id, version DESC
        ) AS h JOIN (
            SELECT DISTINCT ON (household_id) * FROM monitoring_fact
            WHERE holds_from <= %(on)s AND recorded_at <= %(known_at)s ORDER BY household_id, number DESC
        ) AS f ON f.household_id = h.id"""
    ),
}


def run() -> Iterator[Measured]:
    """The p50 of both questions against the SQL by hand."""
    today = SystemClock().today()
    with stage() as here:
        url = here.postgres.superuser_url("monitoring")
        with psycopg.connect(url, autocommit=True) as connection:
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(_FILL, {"today": today, "count": HOUSEHOLDS})
            connection.execute("VACUUM ANALYZE")
        port = free_port()
        with (
            serving(["-m", "services.monitoring", "api", "--port", str(port)], here.environment, port),
            psycopg.connect(url, autocommit=True) as connection,
            Asker(port, {"Authorization": f"Bearer {here.token(Role.COUNTY_OFFICER, COUNTY)}"}) as asker,
        ):
            for name, on in (("present", today), ("past", today - timedelta(days=183))):
                yield _asked(asker, connection, name, on)


def _asked(asker: Asker, connection: psycopg.Connection, name: str, on: Any) -> Measured:
    asked = f"/v1/monitoring/statistics/figures?on={on.isoformat()}&by=type"
    known_at = asker.get(asked)["known_at"]
    bound = {"on": on, "known_at": known_at}
    return in_turn(
        f"statistics.{name}",
        lambda: asker.get(asked),
        lambda: connection.execute(_BY_HAND[name], bound).fetchall(),
        _count_alike,
        target=3,
    )


def _count_alike(told: Any, found: list[tuple[Any, ...]]) -> bool:
    counted = {
        (group["key"], figure["figure"], figure["households"], figure["persons"])
        for group in told["groups"]
        for figure in group["figures"]
        if figure["figure"] != "registered" and figure["households"]
    }
    return bool(counted) and counted == {tuple(row) for row in found}
