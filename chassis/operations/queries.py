"""Read what became of operations that came before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.operations.schemas import OperationResult, Outcome

# The whole chain of what each builds on, but the answers only of those asked for.
_EARLIER: Final = text(
    """
    WITH RECURSIVE chain AS (
        SELECT subject, op_id, after FROM operation WHERE subject = :subject AND op_id = ANY(CAST(:ids AS uuid[]))
        UNION
        SELECT o.subject, o.op_id, o.after FROM operation AS o JOIN chain AS c
          ON o.subject = c.subject AND o.op_id = c.after
    )
    SELECT o.op_id, o.after, o.entity_id, o.made_version, o.outcome, o.body_digest, o.row,
           CASE WHEN o.op_id = ANY(CAST(:ids AS uuid[])) THEN o.answer END AS answer
    FROM chain JOIN operation AS o USING (subject, op_id)
    """
)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An operation that ended.

    :ivar made_version: the version of its thing that it made, if it changed anything.
    :ivar result: None of one that was not asked for itself.
    """

    op_id: UUID
    after: UUID | None
    entity_id: UUID | None
    made_version: int | None
    outcome: Outcome
    body_digest: str
    result: OperationResult | None


async def earlier_operations(unit: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Earlier]:
    """The actor's operations of these ids, and all that they build on."""
    parameters = {"subject": unit.actor.subject, "ids": [str(identifier) for identifier in ids]}
    found = await unit.connection.execute(_EARLIER, parameters)
    return {
        row.op_id: Earlier(
            row.op_id,
            row.after,
            row.entity_id,
            row.made_version,
            Outcome(row.outcome),
            row.body_digest,
            _result(unit, row.row, row.answer),
        )
        for row in found
    }


def _result(unit: UnitOfWork, row: UUID, sealed: bytes | None) -> OperationResult | None:
    if sealed is None:
        return None
    answer = unit.vault.encryptor.open_bytes(bytes(sealed), table="operation", column="answer", row=row)
    return OperationResult.model_validate_json(answer)


def own_versions(known: Mapping[UUID, Earlier], after: UUID | None, entity_id: UUID) -> set[int]:
    """Versions of a thing that the operation ``after``, and those that it builds on, made."""
    own: set[int] = set()
    passed: set[UUID] = set()
    while after is not None and after not in passed and after in known:
        passed.add(after)
        one = known[after]
        if one.entity_id == entity_id and one.made_version is not None:
            own.add(one.made_version)
        after = one.after
    return own
