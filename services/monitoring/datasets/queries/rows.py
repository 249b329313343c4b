"""Show the rows of a batch with their fates, masked, and give rejected ones back as the clerk wrote them."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language, Message, NotFound
from chassis.http.pagination import keyset, next_cursor
from chassis.records import Aggregate
from chassis.security.masking import mask_name, mask_other
from chassis.security.vault import Vault
from chassis.tabular import Cell, CellFault, Format, Header, RejectedRow, write_rejected
from chassis.tabular.model import as_text, is_blank
from services.monitoring import permissions as may
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.queries.submissions import show_reasons, submission_row
from services.monitoring.datasets.reading.job import contract_of
from services.monitoring.datasets.reading.layout import header_of, open_cells, raw_row
from services.monitoring.datasets.rules.fates import Fate
from services.monitoring.datasets.schemas import RowPage, RowQuery, RowRead
from services.monitoring.datasets.tables import SubmissionRow, cells_place

REJECTED_ROWS_MAX: Final = 50_000
"""How many rejected rows one sheet gives back; mend these, and the next sheet holds the others."""

_ROW: Final = rows(SubmissionRow)
_LIST: Final = "submission_row_list"
_IDENTITY_SIGNS_MIN: Final = 15
_PERSON_FIELDS: Final = ("person_id", "household_id", "candidate_id")


async def list_rows(unit: UnitOfWork, submission_id: UUID, query: RowQuery, *, language: Language) -> RowPage:
    """One page of a batch's present rows, in their order.

    :raises NotFound: outside the actor's area or department.
    """
    submission = await submission_row(unit, submission_id)
    statement = select(_ROW).where(*_present(submission))
    if query.fate is not None:
        statement = statement.where(_ROW.c.fate == query.fate.value)
    if query.judgement is not None:
        statement = statement.where(_ROW.c.judgement == query.judgement.value)
    operation = f"{_LIST}:{submission_id}"
    after = query.position(unit.vault.cursors, operation)
    found = (await unit.connection.execute(keyset(statement, [_ROW.c.row_number], after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, operation, lambda row: [row.row_number])
    return RowPage(items=[show_row(unit, submission, row, language=language) for row in kept], next_cursor=cursor)


async def row_of_submission(unit: UnitOfWork, submission_id: UUID, row_number: int, *, lock: bool = False) -> Any:
    """One present row of a batch.

    :raises NotFound: if there is none.
    """
    statement = select(_ROW).where(
        _ROW.c.submission_id == submission_id,
        _ROW.c.row_number == row_number,
        _ROW.c.is_current,
        _ROW.c.region.between(unit.area.lo, unit.area.hi),
    )
    if lock:
        statement = statement.with_for_update()
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


def show_row(unit: UnitOfWork, submission: Any, row: Any, *, language: Language) -> RowRead:
    """A row as it is shown: names and numbers masked, ids of persons only to who may read the registry."""
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    shown: dict[str, Any] = {name: known[name] for name in ("row_number", "attempt", "fate", "judgement", "version")}
    shown["record_id"] = row.record_id
    if may.HOUSEHOLD_READ.allows(unit.actor.role):
        shown |= {name: known[name] for name in _PERSON_FIELDS}
    if row.raw is not None:
        shown |= _masked(_cells(unit.vault, row), header_of(submission.layout))
    return RowRead(**shown, reasons=show_reasons(row.reasons, language=language))


async def rejected_file(
    unit: UnitOfWork, submission_id: UUID, form: Format | None, *, language: Language
) -> tuple[bytes, Format]:
    """The rejected rows in the clerk's own columns and order, with 原因 and 行号 before them; mend it and hand it in.

    It holds personal data in the clear, so the reading is audited.

    :param form: by default that of the clerk's file (a workbook for XLS).
    :raises NotFound: outside the actor's area or department, or before any row was read.
    """
    submission = await submission_row(unit, submission_id)
    if submission.layout is None:
        raise NotFound(Message("这个批次还没有读出表头。", "No heading of this batch has been read yet."))
    found = await unit.connection.execute(
        select(_ROW)
        .where(*_present(submission), _ROW.c.fate == Fate.REJECTED.value)
        .order_by(_ROW.c.row_number)
        .limit(REJECTED_ROWS_MAX)
    )
    rejected = found.all()
    unit.record(
        "submission.export_rejected",
        Aggregate("submission", submission.id, submission.region, version=0),
        fields=["rows"],
    )
    form = form or Format(submission.layout["format"])
    form = Format.XLSX if form is Format.XLS else form
    contract = contract_of(submission.dataset, submission.contract_version)
    content = await asyncio.to_thread(_written, unit.vault, contract, submission.layout, rejected, form, language)
    return content, form


def _present(submission: Any) -> tuple[ColumnElement[bool], ...]:
    return (
        _ROW.c.submission_id == submission.id,
        _ROW.c.region == submission.region,
        _ROW.c.is_current,
    )


def _written(
    vault: Vault, contract: Contract, layout: Mapping[str, Any], found: Sequence[Any], form: Format, language: Language
) -> bytes:
    header = header_of(layout)
    given_back = (
        RejectedRow(
            raw_row(row.row_number, _cells(vault, row), header),
            [CellFault(one["code"], Message(one["zh"], one["en"]), one["column"]) for one in row.reasons],
        )
        for row in found
        if row.raw is not None
    )
    content = io.BytesIO()
    write_rejected(content, header, contract.columns, given_back, form=form, language=language)
    return content.getvalue()


def _cells(vault: Vault, row: Any) -> list[Cell]:
    return open_cells(vault, row.raw, place=cells_place(row.submission_id, row.row_number, row.attempt))


def _masked(cells: Sequence[Cell], header: Header) -> dict[str, str]:
    """What of a kept row may be shown, so that a clerk finds it again: first sign of the name, ends of the number."""
    shown = {}
    for name, mask in (("name", mask_name), ("id_no", _mask_number)):
        at = header.columns.get(name)
        cell = cells[at] if at is not None and at < len(cells) else None
        if not is_blank(cell):
            shown[f"{name}_masked"] = mask(as_text(cell).strip())
    return shown


def _mask_number(text: str) -> str:
    if len(text) >= _IDENTITY_SIGNS_MIN:
        return f"{text[:6]}********{text[-4:]}"
    return mask_other(text)
