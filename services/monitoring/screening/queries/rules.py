"""Versions of rules, trials and the vocabulary, as people read them."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, NotFound
from chassis.http.choices import refuse_unlisted
from chassis.http.pagination import keyset, next_cursor
from chassis.parameters.rules import scopes_of
from services.monitoring.clues.visibility import may_know_health, tells_health
from services.monitoring.screening.schemas import (
    GrowingRead,
    RulePage,
    RuleQuery,
    RuleRead,
    RuleRow,
    RuleTermRead,
    TrialHitPage,
    TrialHitQuery,
    TrialHitRead,
    TrialRead,
    VocabularyRead,
)
from services.monitoring.screening.stored import RULE
from services.monitoring.screening.tables import RuleTrial, TrialHit
from services.monitoring.screening.terms import VOCABULARY

TRIAL: Final = rows(RuleTrial)
_HIT: Final = rows(TrialHit)


async def list_rules(unit: UnitOfWork, query: RuleQuery) -> RulePage:
    """One page of the versions that hold, held or may come to hold around and within the caller's area.

    :raises InvalidInput: for a rule that the caller's area does not have.
    """
    is_policy = RULE.c.policy.is_not(None)
    statement = select(RULE).where(_near(unit), is_policy if query.purpose == "entitlement" else ~is_policy)
    if query.rule_id is not None:
        refuse_unlisted("rule_id", [query.rule_id], await rule_ids(unit))
    if query.state is not None:
        statement = statement.where(RULE.c.state == query.state.value)
    if query.rule_id is not None:
        statement = statement.where(RULE.c.rule_id == query.rule_id)
    after = query.position(unit.vault.cursors, "rule_list")
    statement = keyset(statement, [RULE.c.rule_id, RULE.c.version], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, "rule_list", lambda row: [row.rule_id, row.version])
    return RulePage(items=[RuleRow(**_known(row, RuleRow)) for row in kept], next_cursor=cursor)


async def rule_ids(unit: UnitOfWork, *, policies: bool | None = None) -> list[str]:
    """The ids of the rules of every state around and within the caller's area, in order.

    :param policies: only those that say what is due to people, or only the others; None means both.
    """
    statement = select(RULE.c.rule_id).where(_near(unit)).distinct().order_by(RULE.c.rule_id)
    if policies is not None:
        statement = statement.where(RULE.c.policy.is_not(None) if policies else RULE.c.policy.is_(None))
    return list((await unit.connection.execute(statement)).scalars())


async def read_rule(unit: UnitOfWork, rule_id: str, version: int | None = None) -> RuleRead:
    """A version of a rule, or the one in force in the caller's area.

    :raises NotFound: if the caller's area has none.
    """
    return show_rule(unit, await rule_row(unit, rule_id, version))


async def rule_row(unit: UnitOfWork, rule_id: str, version: int | None, *, lock: bool = False) -> Any:
    """The row of a version around or within the caller's area; without ``version`` the one in force there.

    :raises NotFound: if there is none.
    """
    statement = select(RULE).where(RULE.c.rule_id == rule_id, _near(unit))
    if version is not None:
        statement = statement.where(RULE.c.version == version)
    else:
        scopes = scopes_of(unit.actor.assignment.region)
        statement = statement.where(RULE.c.state == "active", RULE.c.scope.in_(scopes))
    statement = statement.order_by(RULE.c.scope.desc()).limit(1)
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


def show_rule(unit: UnitOfWork, row: Any) -> RuleRead:
    growing = None
    if row.growing_column is not None:
        growing = GrowingRead(column=row.growing_column, threshold=row.growing_threshold)
    return RuleRead(
        **_known(row, RuleRead, "growing", "drafted_by_me", "retirement_asked"),
        growing=growing,
        drafted_by_me=row.drafted_by == unit.actor.subject,
        retirement_asked=row.state == "active" and row.retirement_asked_by is not None,
    )


async def read_trial(unit: UnitOfWork, trial_id: UUID) -> TrialRead:
    """One trial of the caller's area.

    :raises NotFound: if there is none.
    """
    return show_trial(await trial_row(unit, trial_id))


async def trial_row(unit: UnitOfWork, trial_id: UUID) -> Any:
    """The row of a trial; errors as :func:`read_trial`."""
    statement = select(TRIAL).where(TRIAL.c.id == trial_id, TRIAL.c.region.between(unit.area.lo, unit.area.hi))
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


def show_trial(row: Any) -> TrialRead:
    return TrialRead(**_known(row, TrialRead))


async def list_trial_hits(unit: UnitOfWork, trial_id: UUID, query: TrialHitQuery) -> TrialHitPage:
    """One page of whom a trial would hit.

    :raises NotFound: if there is no such trial in the caller's area.
    """
    trial = await trial_row(unit, trial_id)
    rule = await rule_row(unit, trial.rule_id, trial.rule_version)
    is_known = may_know_health(unit) or not tells_health(rule.datasets)
    statement = select(_HIT).where(_HIT.c.trial_id == trial.id, _HIT.c.region.between(unit.area.lo, unit.area.hi))
    if query.difference is not None:
        statement = statement.where(_HIT.c.difference == query.difference.value)
    operation = f"trial_hit_list:{trial.id}"
    statement = keyset(statement, [_HIT.c.number], query.position(unit.vault.cursors, operation), query.limit)
    found = (await unit.connection.execute(statement)).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, operation, lambda row: [row.number])
    items = [
        TrialHitRead(**_known(row, TrialHitRead, "inputs"), inputs=row.inputs if is_known else None) for row in kept
    ]
    return TrialHitPage(items=items, next_cursor=cursor)


def read_vocabulary(language: Language) -> VocabularyRead:
    """Every published name with its meaning and unit."""
    return VocabularyRead(
        terms=[
            RuleTermRead(
                name=term.name,
                kind=term.kind,
                label=term.label.in_language(language),
                meaning=term.meaning.in_language(language),
                unit=term.unit,
                grains=list(VOCABULARY.grains_with(term.name)),
                values={code: text.in_language(language) for code, text in term.values.items()},
                nullable=term.nullable,
                sources=list(term.source),
            )
            for term in VOCABULARY
        ]
    )


def _near(unit: UnitOfWork) -> Any:
    scopes = scopes_of(unit.actor.assignment.region)
    return or_(RULE.c.scope.in_(scopes), RULE.c.scope.between(unit.area.lo, unit.area.hi))


def _known(row: Any, model: Any, *but: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in model.model_fields if name not in but}
