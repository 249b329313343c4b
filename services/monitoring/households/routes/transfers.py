"""Moves between areas over HTTP: offer, list, accept, decline, withdraw."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.households.actions.transfers import (
    accept_transfer,
    decline_transfer,
    offer_transfer,
    withdraw_transfer,
)
from services.monitoring.households.queries.transfers import list_transfers, show_transfer, transfer_row
from services.monitoring.households.schemas import HouseholdRead
from services.monitoring.households.schemas.transfers import (
    TransferAccept,
    TransferClose,
    TransferOffer,
    TransferPage,
    TransferQuery,
    TransferRead,
)

router = service_router("transfers")
Transfers = Annotated[UnitOfWork, writes(may.HOUSEHOLD_TRANSFER)]


@router.post("/households/{household_id}/transfers", operation_id="transfer_offer", status_code=201)
@needs_version
async def transfer_offer(
    household_id: UUID, body: TransferOffer, request: Request, response: Response, unit: Transfers
) -> TransferRead:
    """Offer a household to another area; If-Match is the household's version."""
    transfer = await offer_transfer(unit, household_id, body, version=expected_version(request))
    response.headers["Location"] = f"/v1/monitoring/transfers/{transfer.id}"
    return _tagged(response, transfer)


@router.get("/transfers", operation_id="transfer_list")
async def transfer_list(
    query: Annotated[TransferQuery, Query()], unit: Annotated[UnitOfWork, reads(may.TRANSFER_READ)]
) -> TransferPage:
    """List the offers that your area made, or that were made to it."""
    return await list_transfers(unit, query)


@router.get("/transfers/{transfer_id}", operation_id="transfer_read")
async def transfer_read(
    transfer_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.TRANSFER_READ)]
) -> TransferRead:
    """Read an offer as either side."""
    return _tagged(response, show_transfer(await transfer_row(unit, transfer_id)))


@router.post("/transfers/{transfer_id}/accept", operation_id="transfer_accept")
@needs_version
async def transfer_accept(
    transfer_id: UUID, body: TransferAccept, request: Request, response: Response, unit: Transfers
) -> HouseholdRead:
    """Take the household into a village of your area; If-Match is the offer's version."""
    household = await accept_transfer(unit, transfer_id, body, version=expected_version(request))
    response.headers["ETag"] = etag(household.version)
    response.headers["Location"] = f"/v1/monitoring/households/{household.id}"
    return household


@router.post("/transfers/{transfer_id}/decline", operation_id="transfer_decline")
@needs_version
async def transfer_decline(
    transfer_id: UUID, body: TransferClose, request: Request, response: Response, unit: Transfers
) -> TransferRead:
    """Decline an offer made to your area."""
    return _tagged(response, await decline_transfer(unit, transfer_id, body, version=expected_version(request)))


@router.post("/transfers/{transfer_id}/withdraw", operation_id="transfer_withdraw")
@needs_version
async def transfer_withdraw(
    transfer_id: UUID, body: TransferClose, request: Request, response: Response, unit: Transfers
) -> TransferRead:
    """Withdraw an offer of your area."""
    return _tagged(response, await withdraw_transfer(unit, transfer_id, body, version=expected_version(request)))


def _tagged(response: Response, transfer: TransferRead) -> TransferRead:
    response.headers["ETag"] = etag(transfer.version)
    return transfer
