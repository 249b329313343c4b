"""Take the sheet back that a clerk filled: every request that was looked at is answered or refused for itself."""

from __future__ import annotations

import asyncio

from chassis.database.unit_of_work import UnitOfWork
from chassis.operations.refusals import Refusals
from services.monitoring.codes.evidence import ComparisonResult
from services.monitoring.comparisons.actions.answer import answer_requests
from services.monitoring.comparisons.facts import facts
from services.monitoring.comparisons.schemas import ComparisonAnswerOf, ItemAnswer, SheetFates, SheetRowFault
from services.monitoring.comparisons.sheet import SheetRequest, read_sheet


async def answer_sheet(unit: UnitOfWork, content: bytes, refusals: Refusals) -> SheetFates:
    """Answer the requests of a sheet as the API would; each item needs a result, else its request is refused.

    :raises InvalidInput: for a file that cannot be read or a header that does not fit.
    :raises UnsupportedMedia: for another format; TooLarge: for one beyond the limits.
    """
    columns = frozenset(column.name for fact in facts().values() for column in fact.columns(unit.clock.today()))
    requests, faults = await asyncio.to_thread(read_sheet, content, columns)
    answers = [_answer(request) for request in requests if request.is_looked_at]
    done = await answer_requests(unit, answers, refusals)
    return SheetFates(
        applied=done.applied,
        rejected=done.rejected,
        results=done.results,
        left_open=len(requests) - len(answers),
        errors=[
            SheetRowFault(
                row=one.row,
                column=one.fault.column or "",
                code=one.fault.code,
                message=one.fault.message.in_language(refusals.language),
            )
            for one in faults
        ],
    )


def _answer(request: SheetRequest) -> ComparisonAnswerOf:
    items = [
        ItemAnswer(item_id=item.item_id, result=ComparisonResult(item.result), values=item.given, note=item.note)
        for item in request.items.values()
        if item.result is not None
    ]
    return ComparisonAnswerOf(request_id=request.request_id, version=request.version, items=items, rest=None)
