"""Open the unit of work of a request: token, assignment, permission, area, in one dependency without a yield."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from fastapi import Depends, Request

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotAllowed, NotSignedIn
from chassis.http.edge import Edge, edge_of
from chassis.http.trace import traceparent_of
from chassis.program import program_of
from chassis.security.scope import Actor, Permission

_BEARER: Final = "bearer "


async def actor_of(request: Request, *, on: date | None = None) -> Actor:
    """Who sends this request, and in which assignment.

    :param on: the business date, if it is known already.
    :raises NotSignedIn: without a valid token.
    :raises NotAllowed: if the assignment is not in force today.
    """
    header = request.headers.get("authorization", "")
    if header[: len(_BEARER)].lower() != _BEARER:
        raise NotSignedIn(headers={"WWW-Authenticate": "Bearer"})
    program = program_of(request)
    token = await program.verify(header[len(_BEARER) :].strip())
    assignment = program.choose(token, _acting_as(request), on or program.clock.today())
    return Actor(token.subject, assignment)


def _acting_as(request: Request) -> UUID | None:
    header = request.headers.get("acting-as")
    if header is None:
        return None
    try:
        return UUID(header)
    except ValueError as error:
        fault = Fault("acting-as", "uuid_parsing", Message("请提交任职的 UUID。", "Send the UUID of an assignment."))
        raise InvalidInput(faults=[fault]) from error


class Acting:
    """The dependency behind :func:`reads` and :func:`writes`; documents and tests read its permission."""

    def __init__(self, permission: Permission, *, changes: bool, begins: bool = True) -> None:
        self.permission = permission
        self.changes = changes
        self.begins = begins

    async def __call__(self, request: Request) -> UnitOfWork:
        actor = await actor_of(request)
        if not self.permission.allows(actor.role):
            raise NotAllowed
        program = program_of(request)
        unit = program.unit(actor, traceparent=traceparent_of(request.scope))
        edge: Edge = edge_of(request)
        if self.begins:
            await edge.open(unit, request, changes=self.changes)
        else:
            edge.unit = unit
        return unit


def reads(permission: Permission, *, at_once: bool = False) -> Any:
    """``unit: Annotated[UnitOfWork, reads(HOUSEHOLD_READ)]``: a transaction that is rolled back at the end.

    :param at_once: the handler asks by :meth:`UnitOfWork.read_at_once`, and begins the unit only if that is not enough.
    """
    return Depends(Acting(permission, changes=False, begins=not at_once))


def writes(permission: Permission) -> Any:
    """``unit: Annotated[UnitOfWork, writes(HOUSEHOLD_REGISTER)]``: committed before the answer is sent."""
    return Depends(Acting(permission, changes=True))
