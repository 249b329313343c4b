"""Keep a child's missing carers as findings, set-based: opened while one is missing, corrected once named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork
from chassis.jobs.sweeps import Sweep, SweepRun
from services.monitoring.attention.actions.inadequate import renew_guardianship
from services.monitoring.attention.parameters import CARER_KINDS
from services.monitoring.attention.rules import CARER_MISSING
from services.monitoring.codes.visits import CarerKind
from services.monitoring.parameters import book_of
from services.monitoring.screening.actions.request_run import county_of

_RENEW: Final = """
    asked AS (
        SELECT * FROM unnest(CAST(:kinds AS text[]), CAST(:zh AS text[]), CAST(:en AS text[])) AS k(kind, zh, en)
    ), wanted AS MATERIALIZED (
        SELECT DISTINCT home.id AS household_id, home.region, attention.person_id,
               CAST(:prefix AS text) || asked.kind AS code, asked.zh, asked.en
        FROM attention JOIN household AS home ON home.id = attention.household_id AND home.state = 'active'
        JOIN person ON person.id = attention.person_id AND person.state = 'active'
        CROSS JOIN asked
        WHERE attention.region BETWEEN :lo AND :hi AND attention.kind = 'left_behind_child'
          AND attention.state = 'active' AND attention.starts_on <= :as_of
          AND coalesce(attention.ends_on, 'infinity') >= :as_of
          AND (CAST(:households AS uuid[]) IS NULL OR home.id = ANY(CAST(:households AS uuid[])))
          AND NOT EXISTS (
              SELECT FROM carer WHERE carer.person_id = attention.person_id AND carer.kind = asked.kind
                AND carer.starts_on <= :as_of AND coalesce(carer.ends_on, 'infinity') >= :as_of
          )
    ), gone AS (
        UPDATE finding SET state = 'corrected', settled_on = :as_of, version = finding.version + 1
        WHERE finding.region BETWEEN :lo AND :hi AND finding.state IN ('open', 'explained')
          AND starts_with(finding.code, :prefix)
          AND (CAST(:households AS uuid[]) IS NULL OR finding.household_id = ANY(CAST(:households AS uuid[])))
          AND NOT EXISTS (
              SELECT FROM wanted WHERE wanted.person_id = finding.person_id AND wanted.code = finding.code
          )
        RETURNING finding.id, finding.region, finding.version
    ), fresh AS MATERIALIZED (
        SELECT * FROM wanted
        WHERE NOT EXISTS (
            SELECT FROM finding AS known WHERE known.household_id = wanted.household_id
               AND known.person_id = wanted.person_id AND known.code = wanted.code AND known.state <> 'corrected'
        )
        -- Sorted, so that all is looked up before the first is written: a look through a table that grows under it
        -- takes as long as the square.
        ORDER BY household_id, person_id, code
    ), made AS (
        INSERT INTO finding (id, region, household_id, person_id, code, field, message_zh, message_en, state, found_on,
                             version)
        SELECT uuidv7(), region, household_id, person_id, code, '/carers', zh, en, 'open', :as_of, 1 FROM fresh
        ON CONFLICT (household_id, person_id, code) WHERE state = 'open' DO NOTHING RETURNING id, region, version
    ), told AS (
        SELECT 'finding.open' AS action, id, region, version, CAST('{}' AS text[]) AS fields, false AS deleted FROM made
        UNION ALL SELECT 'finding.correct', id, region, version, '{state}', false FROM gone
    )
"""


async def renew_carers(
    unit: UnitOfWork, region: int, *, households: Sequence[UUID] | None = None, as_of: date | None = None
) -> None:
    """Bring the findings of missing carers up to a day, by the kinds that the county of ``region`` wants.

    :param households: only these; None: every one of the unit's area.
    """
    county, on = county_of(region), as_of or unit.clock.today()
    kinds = (await book_of(unit, county)).items(CARER_KINDS, region=county, on=on)
    labels = {kind: CarerKind(kind).label for kind in kinds}
    bound: dict[str, Any] = {
        "kind": "finding",
        "kinds": list(kinds),
        "zh": [f"留守儿童还没有{label}作关爱人。" for label in labels.values()],
        "en": [f"The left-behind child has no {kind.replace('_', ' ')} as a carer yet." for kind in labels],
        "prefix": CARER_MISSING,
        "households": None if households is None else list(households),
        "as_of": on,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
    }
    await unit.record_made(_RENEW, bound)


async def _sweep(run: SweepRun) -> None:
    async with run.unit() as unit:
        await renew_carers(unit, run.region, as_of=run.as_of)
        await renew_guardianship(unit, run.region, as_of=run.as_of)


CARERS: Final = Sweep("attention.carers", _sweep)
