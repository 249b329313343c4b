"""Turn rules into rows and back: the catalogue's shape is the one that the engine runs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.metadata import rows
from chassis.errors import Message
from chassis.parameters.rules import scopes_of
from services.monitoring.screening.catalogue import Growing, Rule
from services.monitoring.screening.tables import RuleVersion
from services.monitoring.screening.vocabulary import Grain

RULE: Final = rows(RuleVersion)


def version_id(rule_id: str, version: int) -> UUID:
    """The id under which a version stands in the audit log: the same in every database."""
    return uuid5(NAMESPACE_URL, f"urn:xianjie:rule:{rule_id}:{version}")


def as_row(rule: Rule) -> dict[str, Any]:
    """The columns of a rule that its author writes."""
    return {
        "rule_id": rule.id,
        "version": rule.version,
        "id": version_id(rule.id, rule.version),
        "grain": rule.grain.value,
        "subject": rule.subject.value,
        "severity": rule.severity,
        "expression": rule.expression,
        "parameters": list(rule.parameters),
        "departments": list(rule.departments),
        "datasets": list(rule.datasets),
        "label": rule.label._asdict(),
        "clause": rule.clause._asdict(),
        "notes": rule.notes._asdict(),
        "document": rule.document,
        "growing_column": rule.growing.column if rule.growing else None,
        "growing_threshold": rule.growing.threshold if rule.growing else None,
        "policy": rule.policy,
    }


def rule_of(row: Any) -> Rule:
    """The rule that a row holds."""
    growing = None if row.growing_column is None else Growing(row.growing_column, row.growing_threshold)
    return Rule(
        id=row.rule_id,
        version=row.version,
        label=Message(**row.label),
        grain=Grain(row.grain),
        severity=row.severity,
        departments=tuple(row.departments),
        datasets=tuple(row.datasets),
        expression=row.expression,
        parameters=tuple(row.parameters),
        clause=Message(**row.clause),
        document=row.document,
        subject=Grain(row.subject),
        growing=growing,
        notes=Message(**row.notes),
        policy=row.policy,
    )


async def rules_in_force(connection: AsyncConnection, region: int, on: date, *, policies: bool = False) -> list[Any]:
    """The rows that count in a county on a day: of each rule the active version of the closest division.

    :param policies: those that say what is due to people, not those that raise clues.
    """
    statement = (
        select(RULE)
        .where(
            RULE.c.state == "active",
            RULE.c.policy.is_not(None) if policies else RULE.c.policy.is_(None),
            RULE.c.scope.in_(scopes_of(region)),
            RULE.c.effective_from <= on,
            or_(RULE.c.effective_to.is_(None), RULE.c.effective_to >= on),
        )
        .ext(distinct_on(RULE.c.rule_id))
        # A larger code around one county is a smaller division: 0, province, city, county.
        .order_by(RULE.c.rule_id, RULE.c.scope.desc(), RULE.c.version.desc())
    )
    return list((await connection.execute(statement)).all())


async def versions(connection: AsyncConnection, wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Any]:
    """The rows of some versions, by rule and version."""
    keys = sorted(set(wanted))
    if not keys:
        return {}
    statement = select(RULE).where(
        or_(*(and_(RULE.c.rule_id == rule_id, RULE.c.version == version) for rule_id, version in keys))
    )
    return {(row.rule_id, row.version): row for row in await connection.execute(statement)}
