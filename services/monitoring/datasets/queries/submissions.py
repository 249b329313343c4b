"""Find and show batches; a department's clerk meets those of their own department alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, NotFound
from chassis.http.pagination import next_cursor
from chassis.security.scope import Role
from services.monitoring.datasets.rules.fates import Fate
from services.monitoring.datasets.schemas import (
    Reason,
    Refusal,
    RowCounts,
    SubmissionPage,
    SubmissionQuery,
    SubmissionRead,
)
from services.monitoring.datasets.tables import Submission

_SUBMISSION: Final = rows(Submission)
_LIST: Final = "submission_list"
_APART: Final = ("blank", "sums", "above")


def require_department(unit: UnitOfWork, department: str) -> None:
    """Refuse a clerk of another department.

    :raises NotFound: one answer, whether or not there is something to find.
    """
    if unit.actor.role is Role.DEPARTMENT_CLERK and unit.actor.department != department:
        raise NotFound


def visible(unit: UnitOfWork) -> list[ColumnElement[bool]]:
    """Which batches the actor may meet: of the area, and for a department's clerk of that department."""
    conditions: list[ColumnElement[bool]] = [_SUBMISSION.c.region.between(unit.area.lo, unit.area.hi)]
    if unit.actor.role is Role.DEPARTMENT_CLERK:
        conditions.append(_SUBMISSION.c.department == (unit.actor.department or ""))
    return conditions


async def submission_row(unit: UnitOfWork, submission_id: UUID, *, lock: bool = False) -> Any:
    """The row of a batch that the actor may meet, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(_SUBMISSION).where(_SUBMISSION.c.id == submission_id, *visible(unit))
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def list_submissions(unit: UnitOfWork, query: SubmissionQuery, *, language: Language) -> SubmissionPage:
    """One page of batches, the newest first."""
    statement = select(_SUBMISSION).where(*visible(unit))
    for name in ("department", "dataset", "period", "state"):
        wanted = getattr(query, name)
        if wanted is not None:
            statement = statement.where(_SUBMISSION.c[name] == wanted)
    after = query.position(unit.vault.cursors, _LIST)
    if after is not None:
        statement = statement.where(_SUBMISSION.c.id < UUID(str(after[0])))
    found = (await unit.connection.execute(statement.order_by(_SUBMISSION.c.id.desc()).limit(query.limit + 1))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, _LIST, lambda row: [str(row.id)])
    return SubmissionPage(items=[show_submission(row, language=language) for row in kept], next_cursor=cursor)


def show_submission(row: Any, *, language: Language) -> SubmissionRead:
    """A batch as it is shown."""
    refusal = show_refusal(row.refusal, language=language)
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    same = {name: known[name] for name in SubmissionRead.model_fields if name in known and name not in _COMPUTED}
    return SubmissionRead(
        **same,
        counts=counts_of(row.rows_received, row.counts),
        unknown_columns=(row.layout or {}).get("unknown", []),
        refusal=refusal,
    )


_COMPUTED: Final = frozenset({"counts", "unknown_columns", "refusal"})


def counts_of(received: int, counts: Mapping[str, int]) -> RowCounts:
    """The counts of a batch as they are shown."""
    return RowCounts(received=received, **{name: counts.get(name, 0) for name in (*Fate, *_APART)})


def show_refusal(document: Mapping[str, Any] | None, *, language: Language) -> Refusal | None:
    """Why a file was refused as a whole, in the reader's language; None if it was not."""
    if document is None:
        return None
    reasons = show_reasons(document["reasons"], language=language)
    return Refusal(code=document["code"], message=document[language], reasons=reasons)


def show_reasons(documents: Sequence[Mapping[str, Any]], *, language: Language) -> list[Reason]:
    """Reasons in the reader's language."""
    return [Reason(code=one["code"], column=one["column"], message=one[language]) for one in documents]
