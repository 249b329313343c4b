"""Add up what a department handed in for a period and what came of it, and check that nothing is missing."""

from __future__ import annotations

import asyncio
import io
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Language
from chassis.tabular import Cell, Format, open_writer
from services.monitoring.datasets.contracts.departments import DEPARTMENTS
from services.monitoring.datasets.queries.submissions import counts_of, require_department
from services.monitoring.datasets.reading.job import contract_of
from services.monitoring.datasets.rules.fates import Fate
from services.monitoring.datasets.schemas import (
    Reconciliation,
    ReconciliationLine,
    ReconciliationQuery,
    RowCounts,
    SubmissionState,
)
from services.monitoring.datasets.tables import Submission, SubmissionRow

_SUBMISSION: Final = rows(Submission)
_ROW: Final = rows(SubmissionRow)
_NOTHING: Final = frozenset({SubmissionState.REFUSED, SubmissionState.WITHDRAWN})
_LABELS: Final = (
    "数据集", "批次", "收到日期", "状态", "收到行数", "退回", "重复", "迟报", "不属本县", "待判断", "匹配",
    "匹配人数", "匹配户数", "是否相符",
)  # fmt: skip
_STATES: Final = {
    SubmissionState.RECEIVED: "已接收",
    SubmissionState.READING: "读取中",
    SubmissionState.READ: "已读取",
    SubmissionState.CORRECTED: "已更正",
    SubmissionState.REFUSED: "整批退回",
    SubmissionState.WITHDRAWN: "已撤回",
}


async def reconcile(unit: UnitOfWork, query: ReconciliationQuery, county: int, *, language: Language) -> Reconciliation:
    """The sheet of a department and period: rows received as the file counted them, fates as the rows lie there now.

    :raises NotFound: for another department than the clerk's.
    """
    require_department(unit, query.department)
    batches = (
        await unit.connection.execute(
            select(_SUBMISSION)
            .where(
                _SUBMISSION.c.region == county,
                _SUBMISSION.c.period == query.period,
                _SUBMISSION.c.department == query.department,
            )
            .order_by(_SUBMISSION.c.dataset, _SUBMISSION.c.id)
        )
    ).all()
    counting = [batch.id for batch in batches if batch.state not in _NOTHING]
    fates = await _fates(unit, county, counting)
    matched = await _matched(unit, county, counting)
    lines = [_line(batch, fates[batch.id], matched.get(batch.id, (0, 0)), language) for batch in batches]
    persons, households = matched.get(None, (0, 0))
    total: Counter[str] = Counter()
    for line in lines:
        total.update(line.counts.model_dump())
    return Reconciliation(
        region=county,
        department=query.department,
        department_name=DEPARTMENTS[query.department].in_language(language),
        period=query.period,
        as_of=unit.clock.today(),
        lines=lines,
        total=RowCounts(**(RowCounts(received=0).model_dump() | total)),
        matched_persons=persons,
        matched_households=households,
        balanced=all(line.balanced for line in lines),
    )


async def reconciliation_sheet(sheet: Reconciliation) -> bytes:
    """The same as a workbook."""
    return await asyncio.to_thread(_written, sheet)


async def _fates(unit: UnitOfWork, county: int, batches: list[UUID]) -> Mapping[UUID, dict[str, int]]:
    found = await unit.connection.execute(
        select(_ROW.c.submission_id, _ROW.c.fate, func.count().label("number"))
        .where(_ROW.c.submission_id.in_(batches), _ROW.c.region == county, _ROW.c.is_current)
        .group_by(_ROW.c.submission_id, _ROW.c.fate)
    )
    fates: defaultdict[UUID, dict[str, int]] = defaultdict(dict)
    for row in found:
        fates[row.submission_id][row.fate] = row.number
    return fates


async def _matched(unit: UnitOfWork, county: int, batches: list[UUID]) -> dict[UUID | None, tuple[int, int]]:
    """Distinct persons and households of matched rows, by batch and, under None, of all: one person may be in two."""
    persons = func.count(_ROW.c.person_id.distinct()).label("persons")
    households = func.count(_ROW.c.household_id.distinct()).label("households")
    matched = (
        _ROW.c.submission_id.in_(batches),
        _ROW.c.region == county,
        _ROW.c.is_current,
        _ROW.c.judgement == Fate.MATCHED.value,
    )
    found = await unit.connection.execute(
        select(_ROW.c.submission_id, persons, households).where(*matched).group_by(_ROW.c.submission_id)
    )
    by_batch: dict[UUID | None, tuple[int, int]] = {row.submission_id: (row.persons, row.households) for row in found}
    total = (await unit.connection.execute(select(persons, households).where(*matched))).one()
    return by_batch | {None: (total.persons, total.households)}


def _line(batch: Any, fates: Mapping[str, int], matched: tuple[int, int], language: Language) -> ReconciliationLine:
    counted = batch.state not in _NOTHING
    apart = {name: number for name, number in batch.counts.items() if name not in set(Fate)}
    counts = counts_of(batch.rows_received if counted else 0, {**apart, **fates} if counted else {})
    contract = contract_of(batch.dataset, batch.contract_version)
    return ReconciliationLine(
        dataset=batch.dataset,
        title=contract.title.in_language(language),
        submission_id=batch.id,
        received_on=batch.received_on,
        state=batch.state,
        counts=counts,
        matched_persons=matched[0],
        matched_households=matched[1],
        balanced=sum(getattr(counts, fate.value) for fate in Fate) == counts.received,
    )


def _written(sheet: Reconciliation) -> bytes:
    content = io.BytesIO()
    with open_writer(content, _LABELS, form=Format.XLSX) as writer:
        for line in sheet.lines:
            head: list[Cell] = [line.title, str(line.submission_id), line.received_on, _STATES[line.state]]
            writer.write(
                [*head, *_numbers(line.counts), line.matched_persons, line.matched_households, _says(line.balanced)]
            )
        head = [f"{sheet.department_name} {sheet.period} 合计", None, sheet.as_of, None]
        writer.write(
            [*head, *_numbers(sheet.total), sheet.matched_persons, sheet.matched_households, _says(sheet.balanced)]
        )
    return content.getvalue()


def _numbers(counts: RowCounts) -> list[Cell]:
    return [counts.received, *(getattr(counts, fate.value) for fate in Fate)]


def _says(balanced: bool) -> str:  # noqa: FBT001  # one value, shown
    return "相符" if balanced else "不符"
