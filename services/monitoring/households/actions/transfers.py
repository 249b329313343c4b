"""Move a household from one area to another: one side offers, the other answers, nobody is lost between."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.masking import mask_name
from services.monitoring.codes.changes import MoveOfferState
from services.monitoring.codes.relations import HEADS, Relation
from services.monitoring.households.actions.follow import everything_follows
from services.monitoring.households.findings import carry_household_findings
from services.monitoring.households.queries.one import present_household
from services.monitoring.households.queries.transfers import show_transfer, transfer_row
from services.monitoring.households.rules.moving import (
    Acceptance,
    MoveOffer,
    after_acceptance,
    refusals_of_acceptance,
    refusals_of_offer,
)
from services.monitoring.households.rules.states import fault
from services.monitoring.households.schemas import HouseholdRead
from services.monitoring.households.schemas.transfers import (
    Direction,
    TransferAccept,
    TransferClose,
    TransferOffer,
    TransferRead,
)
from services.monitoring.households.standing import Outcome, Standing, bring_about, load_standing
from services.monitoring.households.tables import Transfer
from services.monitoring.regions.queries.divisions import village_may_exist
from services.monitoring.regions.rules import common_area

_TRANSFER: Final = rows(Transfer)


async def offer_transfer(unit: UnitOfWork, household_id: UUID, body: TransferOffer, *, version: int) -> TransferRead:
    """The offer. The household stays where it is until it is accepted, and is not split, merged or moved meanwhile.

    :raises NotFound: if the household is not in the caller's area.
    :raises VersionStale: if ``version`` is not its present one.
    :raises StateRefused: with every guard that fails.
    """
    [standing] = await load_standing(unit, household_id)
    require_version(version, standing.row.version)
    offer = MoveOffer(
        id=new_id(),
        household=standing.state,
        leaving=standing.state.persons,
        destination=body.to_region,
        offered_on=body.effective_on,
    )
    refusals = refusals_of_offer(offer, today=unit.clock.today())
    if refusals:
        raise StateRefused(faults=refusals)
    heads = [member.name for member in standing.members.values() if Relation(member.relation) in HEADS]
    values = {
        "id": offer.id,
        "household_id": household_id,
        "household_version": standing.row.version,
        "from_region": standing.row.region,
        "to_region": body.to_region,
        "effective_on": body.effective_on,
        "head_name_masked": mask_name(heads[0]) if heads else None,
        "member_count": len(standing.members),
        "state": MoveOfferState.OPEN.value,
        "reason": body.reason,
        "version": 1,
    }
    row = (await unit.connection.execute(insert(_TRANSFER).values(values).returning(_TRANSFER))).one()
    unit.record("transfer.offer", Aggregate("transfer", row.id, row.from_region, row.version), reason=body.reason)
    return show_transfer(row)


async def accept_transfer(unit: UnitOfWork, transfer_id: UUID, body: TransferAccept, *, version: int) -> HouseholdRead:
    """The household, now in a village of the caller's area, with its findings; the area that it left gets a tombstone.

    :raises NotFound: if no such offer was made to the caller's area, or the village lies outside it.
    :raises VersionStale: if ``version`` is not the offer's present one.
    :raises StateRefused: with every guard that fails.
    """
    transfer = await transfer_row(unit, transfer_id, direction=Direction.INCOMING, lock=True)
    require_version(version, transfer.version)
    if not unit.area.contains(body.region):
        raise NotFound
    if transfer.state != MoveOfferState.OPEN:
        # Answered: the household may lie anywhere by now, so nothing of it is looked at.
        raise StateRefused(faults=[fault("", "offer_answered")])
    mine = unit.area
    await unit.widen(common_area(mine, transfer.from_region))
    [standing] = await load_standing(unit, transfer.household_id)
    acceptance = Acceptance(
        offer=_offer_of(transfer, standing),
        household=standing.state,
        region=body.region,
        on=body.on or unit.clock.today(),
        new_id=new_id(),
    )
    refusals = list(refusals_of_acceptance(acceptance, today=unit.clock.today()))
    if not await village_may_exist(unit, body.region):
        refusals.append(fault("/region", "village_unknown"))
    if refusals:
        raise StateRefused(faults=refusals)
    row = await _answer(unit, transfer, MoveOfferState.ACCEPTED, accepted_region=body.region)
    unit.record(
        "transfer.accept",
        Aggregate("transfer", row.id, body.region, row.version, transfer.from_region),
        fields=["accepted_region", "state"],
    )
    after, _ = after_acceptance(acceptance)
    await carry_household_findings(unit, transfer.household_id, region=body.region)
    [household] = await bring_about(
        unit, "transfer", [Outcome(standing.row, after)], standing.members, reason=transfer.reason
    )
    await everything_follows(unit, [transfer.household_id])
    return await present_household(unit, household, area=mine)


async def decline_transfer(unit: UnitOfWork, transfer_id: UUID, body: TransferClose, *, version: int) -> TransferRead:
    """The offer, declined by the area that it was made to; errors as :func:`withdraw_transfer`."""
    return await _close(unit, transfer_id, body, version, Direction.INCOMING, MoveOfferState.DECLINED)


async def withdraw_transfer(unit: UnitOfWork, transfer_id: UUID, body: TransferClose, *, version: int) -> TransferRead:
    """The offer, withdrawn by the area that made it.

    :raises NotFound: if the caller's area is not on that side of such an offer.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it has been answered.
    """
    return await _close(unit, transfer_id, body, version, Direction.OUTGOING, MoveOfferState.WITHDRAWN)


async def _close(
    unit: UnitOfWork,
    transfer_id: UUID,
    body: TransferClose,
    version: int,
    direction: Direction,
    state: MoveOfferState,
) -> TransferRead:
    transfer = await transfer_row(unit, transfer_id, direction=direction, lock=True)
    require_version(version, transfer.version)
    if transfer.state != MoveOfferState.OPEN:
        raise StateRefused(faults=[fault("", "offer_answered")])
    row = await _answer(unit, transfer, state, answer=body.reason)
    side = row.to_region if direction is Direction.INCOMING else row.from_region
    action = "transfer.decline" if state is MoveOfferState.DECLINED else "transfer.withdraw"
    unit.record(action, Aggregate("transfer", row.id, side, row.version), fields=["answer", "state"])
    return show_transfer(row)


def _offer_of(transfer: Any, standing: Standing) -> MoveOffer:
    """The offer as the rules see it: who belongs to the household now is who moves."""
    return MoveOffer(
        id=transfer.id,
        household=standing.state,
        leaving=standing.state.persons,
        destination=transfer.to_region,
        offered_on=transfer.effective_on,
        state=MoveOfferState(transfer.state),
    )


async def _answer(unit: UnitOfWork, transfer: Any, state: MoveOfferState, **values: Any) -> Any:
    answered = await unit.connection.execute(
        update(_TRANSFER)
        .where(_TRANSFER.c.id == transfer.id)
        .values(state=state.value, answered_on=unit.clock.today(), version=_TRANSFER.c.version + 1, **values)
        .returning(_TRANSFER)
    )
    return answered.one()
