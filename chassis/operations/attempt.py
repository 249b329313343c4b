"""Do one operation as a step of its push's transaction, by the action that the single route calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError

from chassis.changes.feed import fields_since
from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import (
    DomainError,
    Fault,
    Internal,
    InvalidInput,
    Language,
    Message,
    NotAllowed,
    Unavailable,
    VersionStale,
    placed,
)
from chassis.http.choices import unlisted
from chassis.http.faults import faults_of
from chassis.http.unit_route import may_run_again, refusal_of
from chassis.operations.definition import Call, Done, OperationKind
from chassis.operations.errors import OperationBaseless, OperationConflict, OperationWaits
from chassis.operations.queries import Earlier, own_versions
from chassis.operations.refusals import Refusals
from chassis.operations.rules import colliding, day_made, seen_version
from chassis.operations.schemas import AnyOperation, FieldClash, OperationResult, Outcome

_log = structlog.get_logger(__name__)
_NO_BASE: Final = Message("修改已有记录时请给出 base_version。", "An edit says the version it was made on.")


@dataclass(frozen=True, slots=True)
class Received:
    """One operation as it was handed in.

    :ivar place: its place in the push.
    :ivar body: its bytes, the same for the same operation; ``scope`` is what their digest is bound to.
    """

    place: int
    op_id: UUID
    after: UUID | None
    raw: dict[str, Any]
    body: bytes
    scope: str


class _Collision(Exception):  # an end, not a failure
    def __init__(self, result: OperationResult) -> None:
        super().__init__()
        self.result = result


class Attempt:
    """One operation, tried now."""

    def __init__(
        self,
        unit: UnitOfWork,
        kinds: Mapping[str, OperationKind[Any]],
        one: Received,
        language: Language,
        refusals: Refusals,
    ) -> None:
        self._unit = unit
        self._kinds = kinds
        self._one = one
        self._language = language
        self._refusals = refusals

    async def run(
        self, ended: Mapping[UUID, Earlier], own: Mapping[UUID, set[int]]
    ) -> tuple[OperationResult, int | None]:
        """How it ended, and the version that it made, if it changed anything.

        :raises DBAPIError: if the whole chunk has to be run again, or the database is away.
        """
        try:
            return await self._tried(ended, own)
        except _Collision as collision:
            return collision.result, None
        except DomainError as error:
            again = isinstance(error, Unavailable | OperationWaits)
            return self._refusals.refused(self._one.op_id, error, again=again), None
        except DBAPIError as error:
            if is_outage(error) or sqlstate(error) in SERIALIZATION_STATES:
                raise
            return self._failed(error), None
        except Exception as error:  # noqa: BLE001  # a fault of ours in one operation must not lose the others
            return self._failed(error), None

    async def _tried(
        self, ended: Mapping[UUID, Earlier], own: Mapping[UUID, set[int]]
    ) -> tuple[OperationResult, int | None]:
        for attempt in count(1):
            try:
                async with self._unit.step():
                    return await self._apply(ended, own)
            except DBAPIError as error:
                if is_outage(error) or sqlstate(error) in SERIALIZATION_STATES:
                    raise  # everything before it is undone too: the whole chunk runs again
                if not may_run_again(error, attempt):
                    raise refusal_of(error) from None
        raise AssertionError("the last attempt returns or raises")

    def _failed(self, error: Exception) -> OperationResult:
        # The type alone: an exception's text may quote the input.
        _log.error("operation_failed", error=type(error).__name__, op_id=str(self._one.op_id))
        return self._refusals.refused(self._one.op_id, Internal(), again=True)

    async def _apply(
        self, ended: Mapping[UUID, Earlier], own: Mapping[UUID, set[int]]
    ) -> tuple[OperationResult, int | None]:
        head = _validated(AnyOperation, self._one.raw)
        kind = self._kinds.get(head.kind)
        if kind is None:
            raise InvalidInput(faults=[unlisted("/kind", self._kinds)])
        if not kind.permission.allows(self._unit.actor.role):
            raise NotAllowed
        body = _validated(kind.body, head.payload, "payload")
        if kind.create is None and head.base_version is None:
            raise InvalidInput(faults=[Fault("/base_version", "missing", _NO_BASE)])
        if head.after is not None:
            _require(ended.get(head.after))
        made_on = day_made(head.recorded_at, self._unit.clock.business_now())
        call = Call(self._unit, head.op_id, head.entity_id, body, made_on, self._language)
        try:
            return await self._done(kind, call, head, ended, own)
        except DomainError as error:
            error.faults = tuple(placed(error.faults, "/payload"))
            raise

    async def _done(
        self,
        kind: OperationKind[Any],
        call: Call[Any],
        head: AnyOperation,
        ended: Mapping[UUID, Earlier],
        own: Mapping[UUID, set[int]],
    ) -> tuple[OperationResult, int | None]:
        """What the single route's action made of it; that action's faults are about the payload."""
        if kind.create is not None:
            return self._applied(await kind.create(call)), None
        assert head.base_version is not None
        mine = own.get(head.entity_id, set()) | own_versions(ended, head.after, head.entity_id)
        return await self._edit(kind, call, head.base_version, mine)

    async def _edit(
        self, kind: OperationKind[Any], call: Call[Any], base: int, mine: set[int]
    ) -> tuple[OperationResult, int | None]:
        assert kind.change is not None
        assert kind.edit is not None
        seen = seen_version(base, mine)
        try:
            done = await kind.change(call, seen)
        except VersionStale:
            pass
        else:
            return self._applied(done), _made(done, seen)
        edit = await kind.edit(call)
        if seen > edit.version:
            raise OperationWaits
        changed = await fields_since(self._unit.connection, kind.thing, call.entity_id, seen, but=mine)
        if names := colliding(edit.fields, changed):
            clashes = [FieldClash(field=name, yours=edit.yours[name], theirs=edit.theirs[name]) for name in names]
            raise _Collision(
                self._refusals.refused(
                    call.op_id,
                    OperationConflict(),
                    outcome=Outcome.CONFLICT,
                    entity_id=call.entity_id,
                    version=edit.version,
                    conflicts=clashes,
                )
            )
        done = await kind.change(call, edit.version)
        return self._applied(done, merged=sorted(edit.fields)), _made(done, edit.version)

    def _applied(self, done: Done, *, merged: list[str] | None = None) -> OperationResult:
        return OperationResult(
            op_id=self._one.op_id,
            outcome=Outcome.APPLIED,
            entity_id=done.entity_id,
            version=done.version,
            merged=merged or [],
        )


def _made(done: Done, found: int) -> int | None:
    return done.version if done.version is not None and done.version > found else None


def _require(base: Earlier | None) -> None:
    if base is None:
        raise OperationWaits
    if base.outcome is not Outcome.APPLIED:
        raise OperationBaseless


def _validated(model: type[Any], value: Any, *where: str) -> Any:
    assert issubclass(model, BaseModel)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        faults = faults_of([{**one, "loc": ("body", *one["loc"])} for one in told], body=value)
        raise InvalidInput(faults=placed(faults, "".join(f"/{part}" for part in where))) from None
