"""Find registered households that lack the help they are to have: one statement, whatever the area's size.

Which kinds answer a risk and by when help has to be there are each county's own dated parameters (clause B9).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, Message, NotFound
from chassis.http.pagination import next_cursor
from chassis.parameters.reader import ParameterBook
from chassis.security.scope import Area
from services.monitoring.cases.queries.taken_over import HEARD_OF_HOUSEHOLD
from services.monitoring.codes.monitoring import HEALTH_RISKS, MeasureKind, Risk
from services.monitoring.codes.work_and_school import WORKING
from services.monitoring.households.queries.one import KNOWS_HEALTH
from services.monitoring.measures import thresholds
from services.monitoring.measures.schemas import MissingMeasurePage, MissingMeasureQuery, MissingMeasureRead
from services.monitoring.parameters import book_of

OPERATION: Final = "missing_measure_list"
Code = Literal["no_measure", "risk_without_measure", "no_developmental_measure"]

_MONITORED: Final = """
    state = 'active' AND monitoring_type IS NOT NULL AND registered_on <= :on
    AND (eliminated_on IS NULL OR eliminated_on > :on) AND region BETWEEN :lo AND :hi
    AND (CAST(:households AS uuid[]) IS NULL OR id = ANY(CAST(:households AS uuid[])))
"""
_COUNTIES: Final = text(
    f"SELECT DISTINCT region / 1000000 * 1000000 FROM household WHERE {_MONITORED}"  # noqa: S608  # constants only
)
# A measure that was over before the household was registered answers nothing of this registration.
_COUNTS: Final = "{0}.started_on <= :on AND ({0}.ended_on IS NULL OR {0}.ended_on >= monitored.registered_on)"
# The months of a registration that was taken over count from the day on which it was heard of.
MISSING: Final = f"""
    WITH rule AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:rules AS jsonb)) AS r(county bigint, risk text, kinds text[])
    ), number AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(CAST(:numbers AS jsonb)) AS n(
            county bigint, first_months integer, developmental_months integer, developmental text[]
        )
    ), monitored AS MATERIALIZED (
        SELECT home.id, home.region, home.risks, home.registered_on,
               greatest(home.registered_on, taken.registered) AS counts_from, number.*
        FROM (SELECT * FROM household WHERE {_MONITORED}) AS home
        JOIN number ON number.county = home.region / 1000000 * 1000000
        LEFT JOIN LATERAL ({HEARD_OF_HOUSEHOLD}) AS taken ON true
    ), given AS MATERIALIZED (
        SELECT monitored.id, own.kind, own.risks FROM monitored JOIN measure AS own ON own.household_id = monitored.id
        WHERE own.region BETWEEN :lo AND :hi AND own.state <> 'withdrawn' AND {_COUNTS.format("own")}
        UNION ALL
        SELECT monitored.id, taken.kind, CAST(NULL AS text[])
        FROM monitored JOIN imported_measure AS taken ON taken.household_id = monitored.id
        WHERE taken.region BETWEEN :lo AND :hi AND taken.state = 'in_force' AND {_COUNTS.format("taken")}
    ), gap AS (
        SELECT id, region, 'no_measure' AS code, NULL AS risk, CAST('{{}}' AS text[]) AS kinds,
               CAST(counts_from + make_interval(months => first_months) AS date) AS due_on
        FROM monitored WHERE NOT EXISTS (SELECT FROM given WHERE given.id = monitored.id)
        UNION ALL
        SELECT monitored.id, region, 'risk_without_measure', named.risk, coalesce(rule.kinds, '{{}}'),
               CAST(counts_from + make_interval(months => first_months) AS date)
        FROM monitored CROSS JOIN LATERAL unnest(monitored.risks) AS named(risk)
        LEFT JOIN rule ON rule.county = monitored.county AND rule.risk = named.risk
        WHERE NOT EXISTS (
            SELECT FROM given WHERE given.id = monitored.id
              AND (given.risks IS NULL OR named.risk = ANY(given.risks))
              AND (coalesce(cardinality(rule.kinds), 0) = 0 OR given.kind = ANY(rule.kinds))
        )
        UNION ALL
        SELECT id, region, 'no_developmental_measure', NULL, developmental,
               CAST(counts_from + make_interval(months => developmental_months) AS date)
        FROM monitored
        WHERE EXISTS (
            SELECT FROM person WHERE person.household_id = monitored.id AND person.state = 'active'
              AND person.region BETWEEN :lo AND :hi AND person.labour_skill = ANY(CAST(:working AS text[]))
        ) AND NOT EXISTS (
            SELECT FROM given WHERE given.id = monitored.id AND given.kind = ANY(monitored.developmental)
        )
    )
    SELECT id AS household_id, region, code, risk, kinds, due_on FROM gap
"""  # noqa: S608  # constants only
PAGE: Final = text(
    f"""
    SELECT * FROM ({MISSING}) AS gap
    WHERE due_on < :due_by AND (risk IS NULL OR NOT risk = ANY(CAST(:hidden AS text[])))
      AND (CAST(:after AS uuid) IS NULL
           OR (household_id, code, coalesce(risk, '')) > (CAST(:after AS uuid), :after_code, :after_risk))
    ORDER BY household_id, code, coalesce(risk, '') LIMIT :most
    """  # noqa: S608  # constants only
)


@dataclass(frozen=True, slots=True)
class MissingMatch:
    """Help that a registered household lacks.

    :param risk: the one that nothing answers, where ``code`` says so.
    :param kinds: any of these would do; empty: any kind.
    :param due_on: last day by which it is to be there; it is overdue the day after.
    """

    household_id: UUID
    region: int
    code: Code
    risk: Risk | None
    kinds: tuple[MeasureKind, ...]
    due_on: date


async def list_missing(unit: UnitOfWork, query: MissingMeasureQuery, *, language: Language) -> MissingMeasurePage:
    """One page of the gaps whose time is over.

    :raises NotFound: for a division outside the caller's area.
    """
    area = unit.area
    if query.region is not None:
        area = Area.of(query.region)
        if not unit.area.covers(area):
            raise NotFound
    today = unit.clock.today()
    after = query.position(unit.vault.cursors, OPERATION) or [None, "", ""]
    households = None if query.household_id is None else [query.household_id]
    binds = await binds_of(unit, area, today, households) | {
        "due_by": query.due_by or today,
        "hidden": [] if unit.actor.role in KNOWS_HEALTH else [risk.value for risk in HEALTH_RISKS],
        "after": after[0],
        "after_code": after[1],
        "after_risk": after[2],
        "most": query.limit + 1,
    }
    found = (await unit.connection.execute(PAGE, binds)).all()
    kept, cursor = next_cursor(
        found, query, unit.vault.cursors, OPERATION, lambda row: [str(row.household_id), row.code, row.risk or ""]
    )
    return MissingMeasurePage(items=[_shown(_match(row), language) for row in kept], next_cursor=cursor)


async def binds_of(
    unit: UnitOfWork,
    area: Area,
    on: date,
    households: Sequence[UUID] | None,
    *,
    books: Mapping[int, ParameterBook] | None = None,
) -> dict[str, Any]:
    """The parameters of each county that has somebody registered, bound into the one statement.

    :param books: those of the area's counties, where the caller has them.
    """
    where = {"lo": area.lo, "hi": area.hi, "on": on, "households": households and list(households)}
    rules, numbers = [], []
    if books is None:
        counties = (await unit.connection.execute(_COUNTIES, where)).scalars().all()
        books = {county: await book_of(unit, county) for county in counties}
    for county, book in books.items():
        there: dict[str, Any] = {"region": county, "on": on}
        rules += [
            {"county": county, "risk": risk.value, "kinds": book.items(key, **there)}
            for risk, key in thresholds.MATCH.items()
        ]
        numbers.append(
            {
                "county": county,
                "first_months": book.integer(thresholds.FIRST_MONTHS, **there),
                "developmental_months": book.integer(thresholds.DEVELOPMENTAL_MONTHS, **there),
                "developmental": book.items(thresholds.DEVELOPMENTAL, **there),
            }
        )
    return where | {
        "rules": orjson.dumps(rules).decode(),
        "numbers": orjson.dumps(numbers).decode(),
        "working": [skill.value for skill in WORKING],
    }


def _match(row: Any) -> MissingMatch:
    risk = None if row.risk is None else Risk(row.risk)
    return MissingMatch(row.household_id, row.region, row.code, risk, tuple(map(MeasureKind, row.kinds)), row.due_on)


def _shown(one: MissingMatch, language: Language) -> MissingMeasureRead:
    return MissingMeasureRead(
        household_id=one.household_id,
        region=one.region,
        code=one.code,
        risk=one.risk,
        due_on=one.due_on,
        kinds=list(one.kinds),
        sentence=_sentence(one).in_language(language),
    )


def _sentence(one: MissingMatch) -> Message:
    kinds_zh = "、".join(kind.label for kind in one.kinds) or "任一类别"
    kinds_en = ", ".join(kind.value for kind in one.kinds) or "any kind"
    if one.risk is not None:
        return Message(
            f"风险“{one.risk.label}”没有相匹配的帮扶措施，请落实：{kinds_zh}。",
            f"Nothing answers risk {one.risk.value}: start {kinds_en}.",
        )
    if one.code == "no_developmental_measure":
        return Message(
            f"户内有劳动力，应于 {one.due_on} 前落实开发式帮扶：{kinds_zh}。",
            f"The household can work: start {kinds_en} by {one.due_on}.",
        )
    return Message(f"纳入监测后应于 {one.due_on} 前落实首项帮扶措施。", f"Start a first measure by {one.due_on}.")
