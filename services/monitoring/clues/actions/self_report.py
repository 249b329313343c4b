"""Take a self-report without a sign-in, and find its household if that is certain."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security import scope
from chassis.security.scope import Level, level_of
from services.monitoring.clues.actions.raising import raise_clue
from services.monitoring.clues.queries.receipts import receipts
from services.monitoring.clues.queries.self_reports import SELF_REPORT, opened, self_report_row, show_self_report
from services.monitoring.clues.self_report_schemas import (
    SelfReportCreate,
    SelfReportMatch,
    SelfReportRead,
)
from services.monitoring.households.owners import find_owners
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.tables import Person
from services.monitoring.regions.queries.divisions import is_in_force

TABLE: Final = "self_report"
RECEIPT_BYTES: Final = 16
_PERSON: Final = rows(Person)
_DECIDED: Final = Fault(
    "",
    "self_report_decided",
    Message(
        "这份申报已处理；判为不属本地的，重新受理后再匹配。",
        "This self-report was decided on; one that was said not to be ours is taken up first, then matched.",
    ),
)
_REASON: Final = Message("不属本地的，请选择原因。", "Give the reason where it is not ours.")
_NOTE: Final = Message("不属本地的，请说明如何核实。", "Say in a note how you found that it is not ours.")
_TOWN: Final = Message("请填写乡镇或村的区划代码。", "Give the code of a town or a village.")
_NO_SUCH: Final = Message(
    "没有这个区划，请填写现行的乡镇或村代码。",
    "There is no such division today; give the code of a town or a village.",
)


async def take_self_report(program: Program, body: SelfReportCreate, *, random: Callable[[int], bytes]) -> str:
    """Keep it and give the receipt. Whoever is or is not registered, the answer is the same.

    :param random: gives that many unguessable bytes.
    :raises InvalidInput: for a division above the town, or one that is none today: nobody would ever read the report.
    """
    receipt = base64.b32encode(random(RECEIPT_BYTES)).decode().rstrip("=")
    report_id, seal = new_id(), program.vault.encryptor.seal
    sealed = {
        "name": seal(body.name, table=TABLE, column="name", row=report_id),
        "description": seal(body.description, table=TABLE, column="description", row=report_id),
    }
    for name, number in (("phone", body.phone), ("identity_number", body.identity_number)):
        if number is not None:
            sealed[name] = seal(number.value, table=TABLE, column=name, row=report_id)
    county = body.region // 10**6 * 10**6
    async with program.unit(scope.program("self_report", county)) as unit:
        faults = await division_faults(unit, body.region)
        if faults:
            raise InvalidInput(faults=faults)
        made = await unit.connection.execute(
            insert(SELF_REPORT)
            .values(
                id=report_id,
                region=body.region,
                channel=body.channel.value,
                receipt_digest=receipts(program).of(receipt).hex(),
                received_on=unit.clock.today(),
                **sealed,
            )
            .returning(SELF_REPORT)
        )
        row = made.one()
        unit.record("self_report.take", Aggregate(TABLE, row.id, row.region, row.version), fields=["state"])
        person = await _certain_person(unit, body)
        if person is not None:
            await _match(unit, row, person.household_id, person.id)
        wrote = unit
    if wrote.wrote_events:
        program.events_written()
    return receipt


async def match_self_report(
    unit: UnitOfWork, report_id: UUID, body: SelfReportMatch, *, version: int
) -> SelfReportRead:
    """Say whose a self-report is; with a household it becomes a hit of that household's clue.

    :raises NotFound: if the report or the household is not in the caller's area.
    :raises VersionStale: if ``version`` is not the present one.
    :raises StateRefused: if it was decided on already.
    :raises InvalidInput: without a household, and without the reason and the note that say why.
    """
    row = await self_report_row(unit, report_id, lock=True)
    require_version(version, row.version)
    if row.state != "waiting":
        raise StateRefused(faults=[_DECIDED])
    if body.household_id is not None:
        household = await household_row(unit, body.household_id)
        if household.state != "active":
            raise NotFound
        return show_self_report(unit, await _match(unit, row, household.id, None))
    note = (body.note or "").strip()
    faults = [] if body.reason is not None else [Fault("/reason", "missing", _REASON)]
    faults += [] if note else [Fault("/note", "missing", _NOTE)]
    if body.reason is None or faults:
        raise InvalidInput(faults=faults)
    refused = _decided(unit) | {"state": "not_ours", "refusal_reason": body.reason.value, "outcome_note": note}
    changed = await change_self_report(unit, row.id, refused)
    aggregate = Aggregate(TABLE, row.id, row.region, changed.version)
    unit.record("self_report.refuse", aggregate, fields=["state"], reason=body.reason.value)
    return show_self_report(unit, changed)


async def _certain_person(unit: UnitOfWork, body: SelfReportCreate) -> Any:
    """The registered person with that number and that name in the county, or None; anything less the town decides."""
    if body.identity_number is None:
        return None
    number = body.identity_number.value
    owner = (await find_owners(unit.connection, unit.vault, [number])).get(number)
    statement = select(_PERSON).where(
        _PERSON.c.id == owner,
        _PERSON.c.name == body.name,
        _PERSON.c.state == "active",
        _PERSON.c.region.between(unit.area.lo, unit.area.hi),
    )
    return None if owner is None else (await unit.connection.execute(statement)).one_or_none()


async def _match(unit: UnitOfWork, row: Any, household_id: UUID, person_id: UUID | None) -> Any:
    """Raise the household's clue or join the open one, and tie the report to its hit."""
    household = await household_row(unit, household_id)
    hit_id = await raise_clue(
        unit,
        household,
        kind="self_report",
        channel=row.channel,
        hit_on=row.received_on,
        description=opened(unit, row, "description"),
        person_id=person_id,
    )
    changed = await change_self_report(unit, row.id, _decided(unit) | {"state": "matched", "hit_id": hit_id})
    unit.record("self_report.match", Aggregate(TABLE, row.id, row.region, changed.version), fields=["state"])
    return changed


def _decided(unit: UnitOfWork) -> dict[str, Any]:
    return {"decided_on": unit.clock.today(), "decided_by": unit.actor.subject}


async def division_faults(unit: UnitOfWork, region: int) -> list[Fault]:
    """Why nobody would ever read a report there: it is above the town, or there is no such division today."""
    if level_of(region) < Level.TOWN:
        return [Fault("/region", "town_needed", _TOWN)]
    return [] if await is_in_force(unit, region) else [Fault("/region", "division_unknown", _NO_SUCH)]


async def change_self_report(unit: UnitOfWork, report_id: UUID, values: dict[str, Any]) -> Any:
    """The row of a self-report after a change."""
    statement = update(SELF_REPORT).where(SELF_REPORT.c.id == report_id)
    values = {**values, "version": SELF_REPORT.c.version + 1}
    return (await unit.connection.execute(statement.values(values).returning(SELF_REPORT))).one()
