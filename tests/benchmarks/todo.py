"""`todo`: what waits for a village and for its county of 12,000 households over HTTP, beside the same SQL by hand.

The SQL by hand gives the same first page of the same kinds over the same tables, sorted and cut as one would write it,
without policies, token, HTTP or the heads' names. Both list the same things, or the benchmark fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import psycopg

from chassis.clock import SystemClock
from chassis.ports import free_port
from chassis.security.scope import Area, Role
from tests.benchmarks.asking import Asker
from tests.benchmarks.in_turn import in_turn
from tests.benchmarks.report import Measured
from tests.benchmarks.stage import serving, stage

COUNTY: Final = 610999000000
VILLAGE: Final = 610999101201
HOUSEHOLDS: Final = 12_000
LIMIT: Final = 50
FILL: Final = """
    INSERT INTO household (id, region, registration_region, is_lifted, is_resettled, monitoring_type, risks,
                           registered_on, member_count, state, origin, version, valid_from)
    SELECT gen_random_uuid(), 610999100201 + n %% 15 * 1000 + n / 15 %% 10, 610999100201, n %% 3 = 0, false,
           CASE WHEN n %% 31 = 0 THEN '1' END, CASE WHEN n %% 31 = 0 THEN '{08}'::text[] ELSE '{}' END,
           CASE WHEN n %% 31 = 0 THEN %(today)s::date - 20 - n %% 30 END, 3, 'active', 'registered', 1,
           %(today)s::date - 500
    FROM generate_series(1, %(count)s) AS n;
    INSERT INTO visit_due (household_id, reason, subject_id, region, begins_on, due_on, form, rhythm)
    SELECT id, 'lifted', id, region, %(today)s::date - 90, %(today)s::date - 1 + abs(hashtext(id::text)) %% 90,
           'general', 'quarter' FROM household;
    INSERT INTO finding (id, region, household_id, code, field, message_zh, message_en, state, found_on, version)
    SELECT gen_random_uuid(), region, id, 'no_phone', '/phone', '', '',
           CASE WHEN is_lifted THEN 'open' ELSE 'corrected' END, %(today)s::date - abs(hashtext(id::text)) %% 9, 1
    FROM household;
    INSERT INTO clue (id, region, household_id, state, severity, raised_on, due_at, hit_count, version)
    SELECT gen_random_uuid(), region, id,
           CASE WHEN abs(hashtext(id::text)) %% 20 = 1 THEN 'open' ELSE 'withdrawn' END, 2,
           %(today)s::date - 1, %(today)s::date + abs(hashtext(id::text)) %% 5 + time '23:59:59', 1, 1
    FROM household WHERE abs(hashtext(id::text)) %% 4 = 1;
    INSERT INTO monitoring_case (id, region, household_id, state, origin, day_0, step, holder, due_on, risks, plan,
                                 urgent, shock_verified, step_count, version)
    SELECT gen_random_uuid(), region, id, v.state, 'clue', %(today)s::date - 3, step, holder,
           %(today)s::date - 1 + abs(hashtext(id::text)) %% 9, '{}', '{}', false, false, 1, 1
    FROM household, LATERAL (VALUES (0, 'dispatched', 'verified', 'village'), (1, 'passed', 'town_ok', 'town'),
         (2, 'town_ok', 'county_ok', 'county')) AS v(place, state, step, holder)
    WHERE abs(hashtext(id::text)) %% 30 = place;
    INSERT INTO monitoring_case (id, region, household_id, state, origin, day_0, ended_on, risks, plan, urgent,
                                 shock_verified, step_count, version)
    SELECT gen_random_uuid(), region, id, 'declined', 'clue', %(today)s::date - 300, %(today)s::date - 290,
           '{}', '{}', false, false, 1, 1
    FROM household WHERE is_lifted
"""
_CASES: Final = """
    SELECT CASE state WHEN 'dispatched' THEN 'case_verify' WHEN 'passed' THEN 'case_town' ELSE 'case_county' END,
           c.id, due_on, 1 AS place
    FROM monitoring_case AS c LEFT JOIN case_verification AS v
      ON v.case_id = c.id AND v.outcome IS NULL AND v.first_subject = 'bench'
    WHERE c.due_on IS NOT NULL AND v.id IS NULL AND c.region BETWEEN %(lo)s AND %(hi)s AND
"""
# Who has no help at all, a risk that no kind of help answers, or labour and no help to develop: ours tells all three.
_GIVEN: Final = """(
    SELECT kind, risks FROM measure AS m
    WHERE m.household_id = h.id AND m.state <> 'withdrawn' AND m.started_on <= %(today)s
      AND (m.ended_on IS NULL OR m.ended_on >= h.registered_on)
    UNION ALL
    SELECT kind, NULL FROM imported_measure AS m
    WHERE m.household_id = h.id AND m.state = 'in_force' AND m.started_on <= %(today)s
      AND (m.ended_on IS NULL OR m.ended_on >= h.registered_on)
) AS given"""
_MEASURES: Final = f"""
    SELECT 'measure', h.id, min(gap.due_on), 9 FROM household AS h CROSS JOIN LATERAL (
        SELECT (h.registered_on + interval '1 month')::date AS due_on WHERE NOT EXISTS (SELECT FROM {_GIVEN})
        UNION ALL
        SELECT (h.registered_on + interval '1 month')::date FROM unnest(h.risks) AS named(risk)
        LEFT JOIN (VALUES ('01', '{{health,comprehensive_security,social}}'::text[]),
                          ('02', '{{other_education,compulsory_education,social}}'),
                          ('03', '{{comprehensive_security,social}}'), ('09', '{{housing,resettlement}}'),
                          ('10', '{{water}}')) AS answer(risk, kinds) ON answer.risk = named.risk
        WHERE NOT EXISTS (SELECT FROM {_GIVEN} WHERE (given.risks IS NULL OR named.risk = ANY(given.risks))
                          AND (answer.kinds IS NULL OR given.kind = ANY(answer.kinds)))
        UNION ALL
        SELECT (h.registered_on + interval '6 months')::date
        WHERE EXISTS (SELECT FROM person AS p WHERE p.household_id = h.id AND p.state = 'active'
                      AND p.labour_skill IN ('skilled', 'ordinary', 'weak'))
          AND NOT EXISTS (SELECT FROM {_GIVEN} WHERE given.kind IN ('industry', 'work', 'finance', 'public_post'))
    ) AS gap
    WHERE h.state = 'active' AND h.monitoring_type IS NOT NULL AND h.registered_on <= %(today)s
      AND (h.eliminated_on IS NULL OR h.eliminated_on > %(today)s) AND h.region BETWEEN %(lo)s AND %(hi)s
    GROUP BY h.id
"""
_BY_HAND: Final = {
    "village": f"""
        SELECT * FROM (
            {_CASES} holder = 'village'
            UNION ALL
            {_MEASURES} HAVING min(gap.due_on) <= %(today)s::date + 14
            UNION ALL
            SELECT 'finding', id, found_on + 10, 12 FROM finding
            WHERE state = 'open' AND region BETWEEN %(lo)s AND %(hi)s
            UNION ALL
            SELECT 'visit', household_id, min(due_on), 13 FROM visit_due
            WHERE region BETWEEN %(lo)s AND %(hi)s AND due_on <= %(today)s::date + 14 GROUP BY household_id
        ) AS todo(kind, id, due_on, place) ORDER BY due_on, place, id LIMIT {LIMIT + 1}
    """,
    "county": f"""
        SELECT * FROM (
            SELECT 'clue', id, (due_at AT TIME ZONE 'Asia/Shanghai')::date, 0 FROM clue
            WHERE state = 'open' AND region BETWEEN %(lo)s AND %(hi)s
            UNION ALL
            {_CASES} (holder = 'county' OR due_on <= %(today)s::date - 2)
            UNION ALL
            {_MEASURES} HAVING min(gap.due_on) <= %(today)s::date - 2
            UNION ALL
            SELECT 'finding', id, found_on + 10, 12 FROM finding
            WHERE state = 'open' AND found_on + 10 <= %(today)s::date - 2 AND region BETWEEN %(lo)s AND %(hi)s
            UNION ALL
            SELECT 'visit', household_id, min(due_on), 13 FROM visit_due
            WHERE region BETWEEN %(lo)s AND %(hi)s AND due_on <= %(today)s::date - 2 GROUP BY household_id
        ) AS todo(kind, id, due_on, place) ORDER BY due_on, place, id LIMIT {LIMIT + 1}
    """,
}


def run() -> Iterator[Measured]:
    """The p50 of a first page for a village and for the county."""
    today = SystemClock().today()
    with stage() as here:
        url = here.postgres.superuser_url("monitoring")
        with psycopg.connect(url, autocommit=True) as connection:
            with psycopg.ClientCursor(connection) as cursor:
                cursor.execute(FILL, {"today": today, "count": HOUSEHOLDS})
            connection.execute("VACUUM ANALYZE")
        port = free_port()
        with (
            serving(["-m", "services.monitoring", "api", "--port", str(port)], here.environment, port),
            psycopg.connect(url, autocommit=True) as connection,
            Asker(port, {}) as asker,
        ):
            for name, role, region in (
                ("village", Role.VILLAGE_CADRE, VILLAGE),
                ("county", Role.COUNTY_OFFICER, COUNTY),
            ):
                asker.headers["Authorization"] = f"Bearer {here.token(role, region)}"
                area = Area.of(region)
                yield _asked(asker, connection, name, {"lo": area.lo, "hi": area.hi, "today": today})


def _asked(asker: Asker, connection: psycopg.Connection, name: str, bound: dict[str, Any]) -> Measured:
    return in_turn(
        f"todo.{name}",
        lambda: asker.get("/v1/monitoring/todos"),
        lambda: connection.execute(_BY_HAND[name], bound).fetchall(),
        _list_alike,
        target=3,
    )


def _list_alike(told: Any, found: list[tuple[Any, ...]]) -> bool:
    listed = [(one["kind"], one["subject_id"], one["due_on"]) for one in told["items"]]
    wanted = [(kind, str(subject), due_on.isoformat()) for kind, subject, due_on, _place in found[:LIMIT]]
    return bool(listed) and listed == wanted
