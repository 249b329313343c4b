"""Do the operations of one push: in order, each by its own action, each once, in transactions of a few at a time.

A push of hundreds in one transaction would keep their rows locked for seconds, and lose all of them to a broken link.
So a few share a transaction, each as a step of it that may fail alone; their ends are kept in the same transaction. A
push that is handed in again finds what was done and goes on behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Language, Message
from chassis.http.faults import faults_of
from chassis.http.unit_route import ATTEMPTS_MAX, may_run_again, refusal_of
from chassis.identifiers import new_id
from chassis.operations.attempt import Attempt, Received
from chassis.operations.definition import OperationKind
from chassis.operations.errors import OperationReused
from chassis.operations.queries import Earlier, earlier_operations
from chassis.operations.refusals import Refusals
from chassis.operations.rules import in_order
from chassis.operations.schemas import OperationResult, Outcome
from chassis.operations.tables import operation
from chassis.program import Program
from chassis.security.scope import Actor
from chassis.types import ClientId

CHUNK: Final = 25
"""Operations of one transaction: some tenths of a second for whoever waits for one of their rows."""

_ID: Final[TypeAdapter[UUID]] = TypeAdapter(ClientId)
_ONE_PUSH: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:identity, 0))")


@dataclass(frozen=True)
class Push:
    """Who hands in, and how he is spoken to.

    :param instance: the path, for problems.
    """

    program: Program
    kinds: Mapping[str, OperationKind[Any]]
    actor: Actor
    language: Language
    instance: str
    traceparent: str | None

    @property
    def refusals(self) -> Refusals:
        trace_id = self.traceparent.split("-")[1] if self.traceparent else None
        return Refusals(self.language, self.instance, trace_id)


@dataclass
class _Known:
    """What this push knows by now.

    :ivar ended: ends of operations.
    :ivar own: the versions that its own made of each thing; ``last``: the one that made the last of them.
    """

    ended: dict[UUID, Earlier] = field(default_factory=dict)
    own: defaultdict[UUID, set[int]] = field(default_factory=lambda: defaultdict(set))
    last: dict[UUID, UUID] = field(default_factory=dict)

    def copy(self) -> _Known:
        own = defaultdict(set, {thing: set(versions) for thing, versions in self.own.items()})
        return _Known(dict(self.ended), own, dict(self.last))

    def note(self, one: Earlier) -> None:
        self.ended[one.op_id] = one
        if one.entity_id is not None and one.made_version is not None:
            self.own[one.entity_id].add(one.made_version)
            self.last[one.entity_id] = one.op_id


async def push_operations(push: Push, handed_in: Sequence[Any]) -> list[OperationResult]:
    """How each operation ended, in the order in which they were handed in.

    :raises InvalidInput: if one has no id by which it could be answered; then none is done.
    :raises DatabaseAway: if the database is lost on the way; what is committed stays, and shows when asked again.
    """
    received = _received(push, handed_in)
    results: dict[int, OperationResult] = {}
    known = _Known()
    ordered = in_order(received)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        known, ended = await _committed(push, chunk, known)
        results |= {one.place: result for one, result in zip(chunk, ended, strict=True)}
    return [results[place] for place in range(len(received))]


def _received(push: Push, handed_in: Sequence[Any]) -> list[Received]:
    received, faults = [], []
    scope = f"operations\x1f{push.actor.subject}"
    for place, raw in enumerate(handed_in):
        try:
            op_id = _ID.validate_python(raw.get("op_id") if isinstance(raw, dict) else None)
        except ValidationError as error:
            at = ("body", "operations", place, "op_id")
            faults += faults_of([{**told, "loc": at} for told in error.errors(include_url=False, include_input=False)])
            continue
        body = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS)
        received.append(Received(place, op_id, _after(raw), raw, body, scope))
    if faults:
        raise InvalidInput(faults=faults)
    return received


def _after(raw: dict[str, Any]) -> UUID | None:
    try:
        return UUID(raw["after"])
    except (KeyError, ValueError, TypeError, AttributeError):
        return None  # what is wrong with it, if anything, is said when the operation is looked at


async def _committed(push: Push, chunk: Sequence[Received], known: _Known) -> tuple[_Known, list[OperationResult]]:
    """One chunk, as often as the database asks for it."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return await _done(push, chunk, known.copy())
        except (DBAPIError, PoolTimeout) as error:
            if attempt == ATTEMPTS_MAX or not may_run_again(error, attempt):
                raise refusal_of(error) from None
    raise AssertionError("the last attempt returns or raises")


async def _done(push: Push, chunk: Sequence[Received], known: _Known) -> tuple[_Known, list[OperationResult]]:
    program = push.program
    unit = program.unit(push.actor, traceparent=push.traceparent)
    async with unit:
        # One push of a person at a time: what another one of the same has done is then seen here, or not begun.
        await unit.connection.execute(_ONE_PUSH, {"identity": f"operations\x1f{push.actor.subject}"})
        asked = {one.op_id for one in chunk} | {one.after for one in chunk if one.after is not None}
        known.ended |= await earlier_operations(unit, asked)
        results, fresh = [], []
        for one in chunk:
            result, ended = await _ended(push, unit, one, known)
            results.append(result)
            if ended is not None:
                known.note(ended)
                fresh.append((ended, one))
        await _keep(unit, fresh)
    if unit.wrote_events:
        program.events_written()
    for action in unit.aftermath:
        await action(program)
    return known, results


async def _ended(push: Push, unit: UnitOfWork, one: Received, known: _Known) -> tuple[OperationResult, Earlier | None]:
    """How an operation ended, and what is to be kept of it if that is news."""
    earlier = known.ended.get(one.op_id)
    if earlier is None or earlier.result is None:
        attempt = Attempt(unit, push.kinds, one, push.language, push.refusals)
        result, made = await attempt.run(known.ended, known.own)
        if result.again:
            return result, None
        digest = unit.vault.digests.of_body(one.body, scope=one.scope)
        # What came before it in the push it builds on without saying so; a later push may name this one alone.
        after = one.after or (known.last.get(result.entity_id) if result.entity_id else None)
        return result, Earlier(one.op_id, after, result.entity_id, made, result.outcome, digest, result)
    if not unit.vault.digests.is_body(earlier.body_digest, one.body, scope=one.scope):
        return push.refusals.refused(one.op_id, OperationReused(faults=[_REUSED])), None
    known.note(earlier)
    again = {"outcome": Outcome.DUPLICATE, "first": earlier.result.outcome.value}
    return earlier.result.model_copy(update=again), None


_REUSED: Final = Fault("/op_id", OperationReused.code, Message("请为新的操作生成新的编号。", "Make a new id."))


async def _keep(unit: UnitOfWork, fresh: Sequence[tuple[Earlier, Received]]) -> None:
    if fresh:
        await unit.connection.execute(insert(operation), list(_rows(unit, fresh)))


def _rows(unit: UnitOfWork, fresh: Sequence[tuple[Earlier, Received]]) -> Iterator[dict[str, Any]]:
    for ended, one in fresh:
        assert ended.result is not None
        row = new_id()
        answer = ended.result.model_dump_json()
        yield {
            "subject": unit.actor.subject,
            "op_id": one.op_id,
            "after": ended.after,
            "entity_id": ended.entity_id,
            "made_version": ended.made_version,
            "row": row,
            "body_digest": ended.body_digest,
            "outcome": ended.outcome.value,
            "answer": unit.vault.encryptor.seal(answer, table="operation", column="answer", row=row),
        }
