"""Operations as a phone hands them in, and how each ended."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, JsonValue, SkipValidation, create_model

from chassis.operations.definition import OperationKind
from chassis.types import AwareDatetime, ClientId, Code, Integer, Model

OPERATIONS_MAX: Final = 500
"""Operations of one push; api.md."""


class OperationBase(Model):
    """What every operation says."""

    op_id: ClientId = Field(description="A UUIDv7 made when the operation was, kept for all its repetitions.")
    entity_id: UUID = Field(description="What it is about.")
    base_version: Annotated[Integer, Field(ge=1)] | None = Field(
        None, description="The version that the phone saw last, before its own operations; an edit needs it."
    )
    recorded_at: AwareDatetime = Field(
        description="When it was made, by the phone's clock: the day of what names none. It orders nothing."
    )
    after: UUID | None = Field(
        None, description="`op_id` of an earlier operation that this one builds on, if that went with another push."
    )


class AnyOperation(OperationBase):
    """An operation whose kind is not looked at yet."""

    kind: Code
    payload: dict[str, Any]


class Outcome(StrEnum):
    """How an operation ended."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


class FieldClash(Model):
    """A field that the operation and somebody else changed; numbers of persons masked."""

    field: str
    yours: JsonValue
    theirs: JsonValue


class OperationFault(Model):
    """One reason; the pointer leads into the operation."""

    pointer: str
    code: str
    message: str


class OperationProblem(Model):
    """Why it did not take effect, as the single route would say it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    trace_id: str | None
    errors: list[OperationFault]


class OperationResult(Model):
    """How one operation ended."""

    op_id: UUID
    outcome: Outcome
    first: Literal["applied", "conflict", "rejected"] | None = Field(
        None, description="Of a `duplicate`: how it ended when it came first; everything else here is from then."
    )
    entity_id: UUID | None = Field(None, description="What it changed or made.")
    version: int | None = Field(None, description="The thing's version on the server, if it has one.")
    merged: list[str] = Field(
        default_factory=list, description="Fields that it changed beside others that somebody else had changed."
    )
    conflicts: list[FieldClash] = Field(default_factory=list, description="Of a `conflict`: to be shown to a person.")
    problem: OperationProblem | None = None
    again: bool = Field(
        False, description="Nothing was kept: hand the same operation in again, later or with what it waits for."
    )


class OperationResults(Model):
    """One result for each operation, in the order in which they were handed in."""

    results: list[OperationResult]


def push_model(service: str, kinds: Sequence[OperationKind[Any]]) -> type[Model]:
    """The body of a service's push.

    Its document tells every kind with the payload of its route. What comes in is taken as it is, since a fault in one
    operation must refuse that one alone.
    """
    told: list[Any] = [
        create_model(
            "".join(part.capitalize() for part in kind.name.replace("_", ".").split(".")) + "Operation",
            __base__=OperationBase,
            __doc__=f"One `{kind.name}`; `payload` is the body of the route of that name.",
            kind=(_exactly(kind.name), ...),
            payload=(kind.body, ...),
        )
        for kind in kinds
    ]
    one: Any = reduce(or_, told)
    if len(told) > 1:
        one = Annotated[one, Field(discriminator="kind")]
    return create_model(
        f"{service.capitalize()}Operations",
        __base__=Model,
        __doc__="Operations in the order in which they were made.",
        operations=(Annotated[list[SkipValidation[one]], Field(min_length=1, max_length=OPERATIONS_MAX)], ...),
    )


def _exactly(name: str) -> Any:
    return Literal[name]
