"""Pair helpers with households and hand many households over at once, set-based, with dates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate, rows_alike
from chassis.security.scope import Area
from services.monitoring.following import Hanging
from services.monitoring.helpers.queries.listing import (
    HELPER,
    PAIRING,
    helper_row,
    pairings,
    show_helper,
    show_pairing,
)
from services.monitoring.helpers.schemas import (
    HandOver,
    HelperCreate,
    HelperRead,
    PairingCreate,
    PairingEnd,
    PairingRead,
    PairingsMade,
)
from services.monitoring.staff.queries.holders import is_in_office
from services.monitoring.staff.tables import Officer
from services.monitoring.visits.actions.refresh import refresh_dues

KIND: Final = "pairing"
PAIRINGS: Final = Hanging("pairing", KIND)
"""They follow their household to another division; those of one that ended after a merger hold no more."""

_OFFICER: Final = rows(Officer)
_OUTSIDE: Final = Message("区划不在您的辖区。", "The division lies outside your area.")
_UNKNOWN: Final = Message("辖区内没有这户在册户，请核对。", "No household in force of your area has this id.")
_NAME: Final = Message("请填写姓名或单位名称。", "Give the name of the person or unit.")
_OFFICER_UNKNOWN: Final = Message("没有这位干部，请核对。", "There is no such officer; check the id.")
_NOT_OFFICER: Final = Message("只有本地干部填写干部编号。", "Only a helper of kind `officer` names an officer.")
_NO_POST: Final = Message(
    "接手的干部届时没有岗位，不能登录办理；请先授予岗位或移交他人。",
    "Who takes over holds no post then and could not sign in; have a post granted first, or name another.",
)
_BEFORE: Final = Message("结束日期不能早于开始日期。", "The last day must not precede the first.")
_OVER: Final = Message("该结对已结束。", "This pairing has ended already.")
_SAME: Final = Message("请移交给另一位帮扶责任人。", "Hand over to another helper.")

# Who is the main helper, or takes over, or is taken over from, ends on the eve; what had not begun yet never held.
_END: Final = text(
    """
    UPDATE pairing SET version = pairing.version + 1,
        ends_on = CASE WHEN pairing.starts_on < :starts_on THEN CAST(:eve AS date) ELSE pairing.ends_on END,
        state = CASE WHEN pairing.starts_on < :starts_on THEN 'active' ELSE 'cancelled' END
    FROM unnest(CAST(:households AS uuid[]), CAST(:mains AS boolean[])) AS wanted(household_id, is_main)
    WHERE pairing.household_id = wanted.household_id AND pairing.region BETWEEN :lo AND :hi
      AND pairing.state = 'active' AND coalesce(pairing.ends_on, 'infinity') >= :starts_on
      AND (pairing.helper_id IN (:helper, :former) OR (pairing.is_main AND wanted.is_main))
    RETURNING pairing.id
    """
)
_BEGIN: Final = text(
    """
    INSERT INTO pairing (id, region, household_id, helper_id, is_main, starts_on, source, state, version, recorded_by)
    SELECT uuidv7(), household.region, household.id, :helper, wanted.is_main, :starts_on, :source, 'active', 1, :who
    FROM unnest(CAST(:households AS uuid[]), CAST(:mains AS boolean[])) AS wanted(household_id, is_main)
    JOIN household ON household.id = wanted.household_id
    RETURNING id
    """
)
_KNOWN: Final = text(
    """
    SELECT id FROM household
    WHERE id = ANY(CAST(:households AS uuid[])) AND region BETWEEN :lo AND :hi AND state = 'active'
    ORDER BY id FOR SHARE
    """
)
_HELD: Final = text(
    """
    SELECT pairing.household_id, bool_or(pairing.is_main) AS is_main
    FROM pairing JOIN household ON household.id = pairing.household_id AND household.state = 'active'
    WHERE pairing.helper_id IN (:helper, :heir) AND pairing.region BETWEEN :lo AND :hi AND pairing.state = 'active'
      AND coalesce(pairing.ends_on, 'infinity') >= :on
      AND (CAST(:households AS uuid[]) IS NULL OR pairing.household_id = ANY(CAST(:households AS uuid[])))
    GROUP BY pairing.household_id HAVING bool_or(pairing.helper_id = :helper)
    """
)


async def register_helper(unit: UnitOfWork, body: HelperCreate) -> HelperRead:
    """Write down who may be paired with households.

    :raises InvalidInput: with every fault: a scope outside the area, no name, no such officer.
    """
    faults, name = [], body.name
    scope = body.scope or unit.actor.assignment.region
    if not unit.area.covers(Area.of(scope)):
        faults.append(Fault("/scope", "outside_area", _OUTSIDE))
    if body.kind == "officer":
        found = await unit.connection.execute(select(_OFFICER.c.name).where(_OFFICER.c.id == body.officer_id))
        name = found.scalar_one_or_none()
        if name is None:
            faults.append(Fault("/officer_id", "officer_unknown", _OFFICER_UNKNOWN))
    else:
        if body.officer_id is not None:
            faults.append(Fault("/officer_id", "not_an_officer", _NOT_OFFICER))
        if name is None:
            faults.append(Fault("/name", "missing", _NAME))
    if faults:
        raise InvalidInput(faults=faults)
    values = body.model_dump(exclude={"id", "name", "scope"}) | {
        "id": body.id or new_id(),
        "name": name,
        "scope": scope,
        "recorded_by": unit.actor.subject,
    }
    row = (await unit.connection.execute(insert(HELPER).values(values).returning(HELPER))).one()
    # A helper is reference data of a division, as an officer is: the change feed carries the pairings.
    unit.record("helper.register", Aggregate("helper", row.id, row.scope, version=0), fields=("kind", "name"))
    return show_helper(row)


async def pair_households(unit: UnitOfWork, body: PairingCreate) -> PairingsMade:
    """Pair a helper with households; a main helper takes over from the one before on that day.

    :raises NotFound: if there is no such helper; InvalidInput: naming each household that is not of the caller's area.
    """
    await helper_row(unit, body.helper_id)
    await _refuse_unknown(unit, body.household_ids)
    wanted = dict.fromkeys(body.household_ids, body.is_main)
    return await _begin(unit, wanted, body.helper_id, None, body.starts_on, source=body.source)


async def hand_over(
    unit: UnitOfWork, helper_id: UUID, body: HandOver, *, pointer: str = "/to_helper_id"
) -> PairingsMade:
    """Give households of one helper to another from a day on; who takes over is main helper where one of them was.

    :param pointer: where the request names who takes over, for faults.
    :raises NotFound: if one of the helpers is not there, or has no household of the caller's area on that day.
    :raises InvalidInput: to the same helper, or to an officer without a post on that day, whom no to-do would reach, or
        naming each household that is not of the caller's area.
    """
    await helper_row(unit, helper_id)
    heir = await helper_row(unit, body.to_helper_id)
    if body.to_helper_id == helper_id:
        raise InvalidInput(faults=[Fault(pointer, "same_helper", _SAME)])
    if body.household_ids is not None:
        await _refuse_unknown(unit, body.household_ids)
    bound = {
        "helper": helper_id,
        "heir": body.to_helper_id,
        "households": body.household_ids,
        "on": body.on,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
    }
    held = {row.household_id: row.is_main for row in await unit.connection.execute(_HELD, bound)}
    if not held:
        raise NotFound
    made = await _begin(unit, held, body.to_helper_id, helper_id, body.on, source=body.reason)
    if heir.officer_id is not None:
        # Who was sent from above has a post out of the caller's sight: looked for last, since it widens what is seen.
        await unit.widen(Area.everywhere())
        if not await is_in_office(unit, heir.officer_id, max(body.on, unit.clock.today())):
            raise InvalidInput(faults=[Fault(pointer, "officer_without_post", _NO_POST)])
    return made


async def end_pairing(unit: UnitOfWork, pairing_id: UUID, body: PairingEnd, *, version: int) -> PairingRead:
    """Let a pairing end on a day.

    :raises NotFound: if it is not in the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it ended earlier; InvalidInput: for a day before its first.
    """
    found = await unit.connection.execute(pairings(unit).where(PAIRING.c.id == pairing_id).with_for_update(of=PAIRING))
    row = found.one_or_none()
    if row is None:
        raise NotFound
    require_version(version, row.version)
    if row.ends_on is not None and row.ends_on < body.ends_on:
        raise StateRefused(faults=[Fault("", "pairing_over", _OVER)])
    if body.ends_on < row.starts_on:
        raise InvalidInput(faults=[Fault("/ends_on", "period_order", _BEFORE)])
    values = {"ends_on": body.ends_on, "version": row.version + 1}
    await unit.connection.execute(update(PAIRING).where(PAIRING.c.id == pairing_id).values(values))
    told = Aggregate(KIND, row.id, row.region, row.version + 1)
    unit.record("pairing.end", told, fields=("ends_on",), reason=body.reason)
    await refresh_dues(unit, row.region, households=[row.household_id])
    return show_pairing((await unit.connection.execute(pairings(unit).where(PAIRING.c.id == pairing_id))).one())


async def _begin(
    unit: UnitOfWork,
    wanted: dict[UUID, bool],
    helper: UUID,
    former: UUID | None,
    starts_on: date,
    *,
    source: str,
) -> PairingsMade:
    bound = {
        "households": list(wanted),
        "mains": list(wanted.values()),
        "helper": helper,
        "former": former or helper,
        "starts_on": starts_on,
        "eve": starts_on - timedelta(days=1),
        "source": source,
        "who": unit.actor.subject,
        "lo": unit.area.lo,
        "hi": unit.area.hi,
    }
    ended = list((await unit.connection.execute(_END, bound)).scalars())
    begun = list((await unit.connection.execute(_BEGIN, bound)).scalars())
    await _tell(unit, "pairing.end", ended, ["ends_on", "state"], source)
    await _tell(unit, "pairing.begin", begun, ["helper_id", "is_main", "starts_on"], source)
    await refresh_dues(unit, unit.actor.assignment.region, households=list(wanted))
    return PairingsMade(helper_id=helper, paired=len(begun), ended=len(ended))


async def _tell(unit: UnitOfWork, action: str, ids: Sequence[UUID], fields: list[str], why: str) -> None:
    if ids:
        told: dict[str, Any] = {"action": action, "kind": KIND, "fields": fields, "why": why, "ids": ids}
        await unit.record_from(rows_alike("pairing"), told)


async def _refuse_unknown(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    bound = {"households": list(households), "lo": unit.area.lo, "hi": unit.area.hi}
    known = set((await unit.connection.execute(_KNOWN, bound)).scalars())
    faults = [
        Fault(f"/household_ids/{place}", "household_outside_area", _UNKNOWN)
        for place, one in enumerate(households)
        if one not in known
    ]
    if faults:
        raise InvalidInput(faults=faults)
