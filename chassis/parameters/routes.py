"""Parameters over HTTP: what holds, what held, propose, approve, withdraw."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.acting import reads, writes
from chassis.http.pagination import next_cursor
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.parameters.actions import approve_parameter, propose_parameter, withdraw_parameter
from chassis.parameters.catalogue import Catalogue, Definition
from chassis.parameters.queries import history, one_row, rows_around
from chassis.parameters.rules import ParameterRow, resolve, scopes_of
from chassis.parameters.schemas import (
    ParameterCreate,
    ParameterHistoryQuery,
    ParameterInForce,
    ParameterList,
    ParameterPage,
    ParameterRead,
    ParametersQuery,
    ParameterWithdraw,
)
from chassis.program import program_of
from chassis.security.scope import FIELD, OFFICERS, Area, Permission, Role

PARAMETERS_READ: Final = Permission("parameters.read", OFFICERS | FIELD | {Role.AUDITOR, Role.DEPARTMENT_CLERK})
PARAMETERS_SET: Final = Permission(
    "parameters.set", frozenset({Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER})
)


def parameters_router(service: str, catalogue: Catalogue) -> APIRouter:
    """The routes of one service's parameters."""
    router = service_router("parameters", prefix="/parameters")
    _add_reading(router, service, catalogue)
    _add_changes(router, service, catalogue)
    return router


def _add_reading(router: APIRouter, service: str, catalogue: Catalogue) -> None:
    @router.get("", operation_id=f"{service}_parameters_list", summary="参数 · Parameters")
    @reference_data
    async def parameters(
        query: Annotated[ParametersQuery, Query()], unit: Annotated[UnitOfWork, reads(PARAMETERS_READ)]
    ) -> ParameterList:
        """Every parameter with the value that holds in a division on a day; the most specific scope wins."""
        region = _region(unit, query.region)
        on = query.on or unit.clock.today()
        rows = await rows_around(unit.connection, region, within=False)
        items = [
            _in_force(definition, resolve(rows, definition.key, region=region, on=on, known_at=query.known_at))
            for definition in catalogue
        ]
        return ParameterList(region=region, on=on, items=items)

    operation = f"{service}_parameters_history"

    @router.get("/history", operation_id=operation, summary="参数沿革 · History")
    @reference_data
    async def parameter_history(
        request: Request,
        query: Annotated[ParameterHistoryQuery, Query()],
        unit: Annotated[UnitOfWork, reads(PARAMETERS_READ)],
    ) -> ParameterPage:
        """One parameter's values in every state, by the day they start."""
        definition = catalogue.definition(query.key, pointer="?key")
        region = _region(unit, query.region)
        signer = program_of(request).vault.cursors
        rows = await history(unit.connection, query, region, query.position(signer, operation))
        kept, cursor = next_cursor(rows, query, signer, operation, lambda row: [row.effective_from, row.id])
        return ParameterPage(items=[ParameterRead.of(row, definition) for row in kept], next_cursor=cursor)

    @router.get("/{parameter_id}", operation_id=f"{service}_parameters_get", summary="参数值 · One value")
    @reference_data
    async def parameter(
        response: Response, parameter_id: UUID, unit: Annotated[UnitOfWork, reads(PARAMETERS_READ)]
    ) -> ParameterRead:
        """One value with its version as ETag."""
        row = await one_row(unit.connection, parameter_id)
        if row is None or not (unit.area.contains(row.scope) or row.scope in scopes_of(unit.actor.assignment.region)):
            raise NotFound
        return _answer(response, row, catalogue)


def _add_changes(router: APIRouter, service: str, catalogue: Catalogue) -> None:
    @router.post("", operation_id=f"{service}_parameters_propose", status_code=201, summary="提出参数值 · Propose")
    async def propose(
        response: Response, body: ParameterCreate, unit: Annotated[UnitOfWork, writes(PARAMETERS_SET)]
    ) -> ParameterRead:
        """Propose a value for a division within your area; another person approves it."""
        return _answer(response, await propose_parameter(unit, catalogue, body), catalogue)

    @router.post("/{parameter_id}/approve", operation_id=f"{service}_parameters_approve", summary="批准 · Approve")
    @needs_version
    async def approve(
        request: Request,
        response: Response,
        parameter_id: UUID,
        unit: Annotated[UnitOfWork, writes(PARAMETERS_SET)],
    ) -> ParameterRead:
        """Let a proposed value hold. Never by the person who proposed it."""
        row = await approve_parameter(unit, catalogue, parameter_id, expected_version(request))
        return _answer(response, row, catalogue)

    @router.post("/{parameter_id}/withdraw", operation_id=f"{service}_parameters_withdraw", summary="撤回 · Withdraw")
    @needs_version
    async def withdraw(
        request: Request,
        response: Response,
        parameter_id: UUID,
        body: ParameterWithdraw,
        unit: Annotated[UnitOfWork, writes(PARAMETERS_SET)],
    ) -> ParameterRead:
        """Take back a proposal, or ask for the end of a value in force; a second person's call then ends it."""
        row = await withdraw_parameter(unit, parameter_id, expected_version(request), reason=body.reason)
        return _answer(response, row, catalogue)


def _region(unit: UnitOfWork, asked: int | None) -> int:
    """The division asked about: within the area, or around it, since what holds there is no secret."""
    own = unit.actor.assignment.region
    region = asked or own
    if not (unit.area.contains(region) or Area.of(region).covers(unit.area)):
        raise NotFound
    return region


def _in_force(definition: Definition, row: ParameterRow | None) -> ParameterInForce:
    return ParameterInForce(
        key=definition.key,
        type=definition.type,
        unit=definition.unit,
        meaning_zh=definition.meaning.zh,
        meaning_en=definition.meaning.en,
        choices=list(definition.choices),
        in_force=None if row is None else ParameterRead.of(row, definition),
    )


def _answer(response: Response, row: ParameterRow, catalogue: Catalogue) -> ParameterRead:
    response.headers["ETag"] = etag(row.version)
    return ParameterRead.of(row, catalogue.definition(row.key))
