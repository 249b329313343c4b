"""One clue with its hits, each explaining itself to whoever may know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, Message, NotFound
from chassis.security.scope import Role
from services.monitoring.clues.evidence import explain_hit
from services.monitoring.clues.queries.listing import CLUE, HIT, LETTERS, RECORD, own_shares, raised_by, shown
from services.monitoring.clues.queries.notices import notices_of_clue
from services.monitoring.clues.schemas import ClueRead, ClueState, HitRead, ReportState, RuleShown, SourceRead
from services.monitoring.clues.visibility import datasets_of, is_of, may_know_health, tells_health
from services.monitoring.codes.monitoring import HEALTH_RISKS
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.screening.stored import versions


async def read_clue(unit: UnitOfWork, clue_id: UUID, *, language: Language) -> ClueRead:
    """The clue as the caller may see it; a department's clerk reads the hits of the own department's rows.

    :raises NotFound: if there is none in the caller's area, or none of the clerk's department's rows is behind it.
    """
    clue = await clue_row(unit, clue_id)
    own = datasets_of(unit.actor.department) if unit.actor.role is Role.DEPARTMENT_CLERK else None
    wanted = select(HIT).where(HIT.c.clue_id == clue.id, HIT.c.region.between(unit.area.lo, unit.area.hi))
    if own is not None:
        wanted = wanted.where(raised_by(own))
    hits = (await unit.connection.execute(wanted.order_by(HIT.c.id))).all()
    if own is not None and not hits:
        raise NotFound
    rules = await versions(unit.connection, [(hit.rule_id, hit.rule_version) for hit in hits if hit.rule_id])
    sources = await _sources(unit, hits, own)
    share = (await own_shares(unit, [clue.id]))[clue.id] if own is not None else None
    return ClueRead(
        **shown(clue, unit.clock.business_now(), share),
        dismissed_reason=clue.dismissed_reason,
        dismissed_note=clue.dismissed_note if own is None and may_know_health(unit) else None,
        judged_at=clue.judged_at,
        notices=await notices_of_clue(unit, clue.id) if own is None else [],
        hits=[_hit(unit, hit, rules, sources, own, language) for hit in hits],
    )


async def clue_row(unit: UnitOfWork, clue_id: UUID, *, lock: bool = False) -> Any:
    """The row of a clue in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(CLUE).where(CLUE.c.id == clue_id, CLUE.c.region.between(unit.area.lo, unit.area.hi))
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def read_report(unit: UnitOfWork, report_id: UUID) -> ReportState:
    """A report of a cadre or a household, and where its clue stands.

    :raises NotFound: if there is none in the caller's area.
    """
    statement = (
        select(HIT, CLUE.c.state.label("clue_state"))
        .join(CLUE, CLUE.c.id == HIT.c.clue_id)
        .where(HIT.c.id == report_id, HIT.c.kind != "rule", HIT.c.region.between(unit.area.lo, unit.area.hi))
    )
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    known = may_know_health(unit)
    return ReportState(
        id=row.id,
        household_id=row.household_id,
        risk=(row.inputs or {}).get("risk") if known else None,
        description=row.description if known else None,
        channel=row.channel,
        seen_on=row.hit_on,
        clue_id=row.clue_id,
        clue_state=ClueState(row.clue_state),
    )


async def _sources(unit: UnitOfWork, hits: Sequence[Any], own: tuple[str, ...] | None) -> dict[UUID, Any]:
    """The departments' rows behind the hits, in one statement."""
    ids = sorted({record for hit in hits for record in hit.source_records})
    if not ids:
        return {}
    statement = select(RECORD).where(RECORD.c.id.in_(ids), RECORD.c.region.between(unit.area.lo, unit.area.hi))
    if own is not None:
        statement = statement.where(RECORD.c.dataset.in_(own))
    return {row.id: row for row in await unit.connection.execute(statement)}


def _hit(
    unit: UnitOfWork,
    hit: Any,
    rules: Mapping[tuple[str, int], Any],
    sources: Mapping[UUID, Any],
    own: tuple[str, ...] | None,
    language: Language,
) -> HitRead:
    frame = {name: getattr(hit, name) for name in ("id", "kind", "state", "channel", "hit_on", "due_at")}
    frame["severity"] = LETTERS[hit.severity]
    rule = rules.get((hit.rule_id, hit.rule_version)) if hit.rule_id else None
    risk = (hit.inputs or {}).get("risk") if rule is None else None
    told = tells_health(rule.datasets) if rule is not None else hit.kind == "self_report" or risk in HEALTH_RISKS
    if told and not may_know_health(unit):
        return HitRead(**frame, hides_health=True)
    if rule is None:
        # A cadre's own words may tell of an illness whatever risk they name.
        words = hit.description if may_know_health(unit) else None
        return HitRead(**frame, hides_health=False, person_id=hit.person_id, risk=risk, description=words)
    comparisons, changes = explain_hit(rule, hit.inputs, hit.thresholds, language)
    if own is not None:
        comparisons = [one for one in comparisons if is_of(one.column, own)]
        # A change is told whole or not at all: half of it would be a wrong answer.
        changes = changes if all(is_of(one.column, own) for one in changes) else []
    return HitRead(
        **frame,
        hides_health=False,
        person_id=hit.person_id,
        rule=RuleShown(
            id=rule.rule_id,
            version=rule.version,
            label=Message(**rule.label).in_language(language),
            clause=Message(**rule.clause).in_language(language),
            document=rule.document,
        ),
        comparisons=comparisons,
        smallest_change=changes,
        sources=_shown_sources(hit, sources, own, language),
    )


def _shown_sources(
    hit: Any, sources: Mapping[UUID, Any], own: tuple[str, ...] | None, language: Language
) -> list[SourceRead]:
    """The rows behind a hit; of a household that came from another county the first, as the hit itself kept it."""
    found = [_source(sources[record], language) for record in hit.source_records if record in sources]
    if found or own is not None or not hit.source_records or hit.source_batch is None:
        return found
    kept = {"dataset": hit.source_dataset, "submission_id": hit.source_batch, "row_number": hit.source_row}
    nothing = {"period": "", "event_date": None, "state": "elsewhere"}
    return [_source(SimpleNamespace(id=hit.source_records[0], **kept, **nothing), language)]


def _source(row: Any, language: Language) -> SourceRead:
    contract = next(one for one in load_contracts() if one.code == row.dataset)
    return SourceRead(
        record_id=row.id,
        department=contract.department,
        dataset=row.dataset,
        dataset_title=contract.title.in_language(language),
        period=row.period,
        submission_id=row.submission_id,
        row_number=row.row_number,
        event_date=row.event_date,
        state=row.state,
    )
