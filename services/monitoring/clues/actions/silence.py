"""Keep how long a fact that was judged stays silent: until it grows by a step, or its time has passed (clause B11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.clues.evidence import amount_shown, step_threshold
from services.monitoring.clues.queries.listing import CLUE, HIT
from services.monitoring.clues.schemas import SilenceRead
from services.monitoring.clues.tables import Silence
from services.monitoring.households.rules.dates import months_after
from services.monitoring.screening.parameters import Numbers, numbers_for
from services.monitoring.screening.stored import versions

_SILENCE: Final = rows(Silence)


async def silence_with_cases(unit: UnitOfWork, cases: Sequence[UUID]) -> None:
    """The facts behind cases that have ended: each was judged with its case, and speaks again once it has grown.

    Their clues stay in the case, and what people reported stands as it was said.
    """
    clues = select(CLUE.c.id).where(CLUE.c.case_id.in_(cases), CLUE.c.state == "in_case")
    judged = (
        update(HIT)
        .where(HIT.c.clue_id.in_(clues), HIT.c.kind == "rule", HIT.c.state == "standing")
        .values(state="dismissed")
        .returning(HIT)
    )
    by_region: dict[int, list[Any]] = {}
    for hit in await unit.connection.execute(judged):
        by_region.setdefault(hit.region, []).append(hit)
    for region, hits in sorted(by_region.items()):
        await silence_facts(unit, hits, region)


async def silence_facts(unit: UnitOfWork, hits: Sequence[Any], region: int) -> list[SilenceRead]:
    """Keep, for each dismissed fact, until when it stays silent by the area's numbers of today."""
    if not hits:
        return []
    today = unit.clock.today()
    rules = await versions(unit.connection, [(hit.rule_id, hit.rule_version) for hit in hits])
    numbers = await numbers_for(unit.connection, region, today)
    listed = [_silence_row(hit, rules[hit.rule_id, hit.rule_version], numbers, today) for hit in hits]
    statement = insert(_SILENCE).values(listed)
    renewed = {name: statement.excluded[name] for name in listed[0] if name != "fact_key"}
    await unit.connection.execute(statement.on_conflict_do_update(index_elements=["fact_key"], set_=renewed))
    growing = {hit.id: rules[hit.rule_id, hit.rule_version].growing_column for hit in hits}
    return [
        SilenceRead(
            hit_id=row["hit_id"],
            silent_until=row["silent_until"],
            speaks_at=amount_shown(row["speaks_at"], growing[row["hit_id"]]),
        )
        for row in listed
    ]


def _silence_row(hit: Any, rule: Any, numbers: Numbers, today: date) -> dict[str, Any]:
    speaks_at = None
    if rule.growing_column is not None and hit.fact_value is not None:
        step = step_threshold(rule, hit.inputs, hit.thresholds) * numbers.silence("silence_step_percent", rule.rule_id)
        speaks_at = hit.fact_value + -(-step // 100)
    return {
        "fact_key": hit.fact_key,
        "region": hit.region,
        "household_id": hit.household_id,
        "hit_id": hit.id,
        "dismissed_on": today,
        "dismissed_value": hit.fact_value,
        "silent_until": months_after(today, numbers.silence("silence_months", rule.rule_id)),
        "speaks_at": speaks_at,
    }
