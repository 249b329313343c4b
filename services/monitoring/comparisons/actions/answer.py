"""Take a department's answers to requests, many at once: each has a fate of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import text, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import DomainError, Fault, InvalidInput, Message, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.operations.refusals import Refusals
from chassis.records import Aggregate
from services.monitoring.comparisons.actions.silence import NOT_OPEN
from services.monitoring.comparisons.facts import facts
from services.monitoring.comparisons.queries.one import ITEM_TABLE, show_request
from services.monitoring.comparisons.queries.requests import KIND, REQUEST, item_rows, request_rows
from services.monitoring.comparisons.rules import Asked, Said, Settled, settled
from services.monitoring.comparisons.schemas import (
    AnswerFate,
    AnswerFates,
    ComparisonAnswer,
    ComparisonAnswerOf,
    ComparisonRequestRead,
)

_TWICE: Final = Message("同一请求出现两次，请保留一项。", "The same request is named twice; keep one entry.")
_SAVE: Final = text(
    """
    UPDATE comparison_item AS item
    SET result = said.result, given = CAST(said.given AS jsonb), note = said.note
    FROM unnest(CAST(:ids AS uuid[]), CAST(:results AS text[]), CAST(:given AS text[]), CAST(:notes AS bytea[]))
         AS said(id, result, given, note)
    WHERE item.id = said.id
    """
)


async def answer_request(
    unit: UnitOfWork, request_id: UUID, body: ComparisonAnswer, *, version: int
) -> ComparisonRequestRead:
    """Answer one request of the clerk's department.

    :raises NotFound: if there is none, or it is another department's.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it is not open. InvalidInput: with everything wrong with the answer.
    """
    found = await request_rows(unit, [request_id], lock=True)
    items = await item_rows(unit, list(found))
    of_one = ComparisonAnswerOf(request_id=request_id, version=version, items=body.items, rest=body.rest)
    done = _judged(of_one, found, items)
    [row] = await _save(unit, {request_id: done})
    return await show_request(unit, row)


async def answer_requests(unit: UnitOfWork, answers: Sequence[ComparisonAnswerOf], refusals: Refusals) -> AnswerFates:
    """Answer many requests of the clerk's department; what is wrong with one keeps no other from being answered."""
    ids = [one.request_id for one in answers]
    found = await request_rows(unit, ids, lock=True)
    items = await item_rows(unit, list(found))
    taken: dict[UUID, list[Settled]] = {}
    refused: dict[int, DomainError] = {}
    for place, one in enumerate(answers):
        try:
            if one.request_id in taken:
                raise InvalidInput(faults=[Fault("/request_id", "request_twice", _TWICE)])
            taken[one.request_id] = _judged(one, found, items)
        except DomainError as error:
            refused[place] = error
    versions = {row.id: row.version for row in [*found.values(), *await _save(unit, taken)]}
    results = [
        AnswerFate(
            request_id=one.request_id,
            outcome="rejected" if place in refused else "applied",
            version=versions.get(one.request_id),
            problem=refusals.told(refused[place]) if place in refused else None,
        )
        for place, one in enumerate(answers)
    ]
    return AnswerFates(applied=len(taken), rejected=len(refused), results=results)


def _judged(one: ComparisonAnswerOf, found: dict[UUID, Any], items: dict[UUID, list[Any]]) -> list[Settled]:
    row = found.get(one.request_id)
    if row is None:
        raise NotFound
    require_version(one.version, row.version)
    if row.state != "open":
        raise StateRefused(faults=[Fault("", "not_open", NOT_OPEN)])
    asked = [Asked(item.id, item.known is not None, facts()[item.fact].columns(row.asked_on)) for item in items[row.id]]
    said = [Said(item.item_id, item.result.value, item.values, item.note) for item in one.items]
    done, faults = settled(asked, said, rest_as_known=one.rest is not None)
    if faults:
        raise InvalidInput(faults=faults)
    return done


async def _save(unit: UnitOfWork, taken: dict[UUID, list[Settled]]) -> Sequence[Any]:
    if not taken:
        return []
    done = [one for settled_items in taken.values() for one in settled_items]
    seal = unit.vault.encryptor.seal
    notes = [one.note and seal(one.note, table=ITEM_TABLE, column="note", row=one.item_id) for one in done]
    binds = {
        "ids": [one.item_id for one in done],
        "results": [one.result for one in done],
        "given": [None if one.values is None else orjson.dumps(one.values).decode() for one in done],
        "notes": notes,
    }
    await unit.connection.execute(_SAVE, binds)
    statement = (
        update(REQUEST)
        .where(REQUEST.c.id.in_(list(taken)))
        .values(
            state="answered",
            ended_by=unit.actor.subject,
            ended_at=unit.clock.business_now(),
            version=REQUEST.c.version + 1,
        )
        .returning(REQUEST)
    )
    changed: Sequence[Any] = (await unit.connection.execute(statement)).all()
    for row in changed:
        aggregate = Aggregate(KIND, row.id, row.region, row.version)
        unit.record("comparison.answer", aggregate, fields=["ended_by", "items", "state"])
    return changed
