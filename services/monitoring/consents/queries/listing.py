"""Show a household's consents, and the signed sheet behind one."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from chassis.audit.reads import sensitive_read
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotFound
from chassis.files.files import Files, StoredFile
from chassis.security.masking import mask_name
from chassis.security.scope import Area
from services.monitoring.consents.queries.standing import CONSENT, in_area
from services.monitoring.consents.rules import counts
from services.monitoring.consents.schemas import ConsentQuery, ConsentRead, Consents
from services.monitoring.households.queries.one import KNOWS_NAMES, household_row

TABLE: Final = "consent"
_NO_SHEET: Final = Message("没有签字页。", "There is no sheet of it.")
_SAME: Final = frozenset(ConsentRead.model_fields) - {"has_sheet", "witness_name", "helper_name", "counts"}


async def list_consents(unit: UnitOfWork, household_id: UUID, query: ConsentQuery) -> Consents:
    """Every consent of a household, the newest first.

    :raises NotFound: if there is no such household in the caller's area.
    """
    await household_row(unit, household_id)
    on = query.on or unit.clock.today()
    statement = select(CONSENT).where(CONSENT.c.household_id == household_id, in_area(unit))
    found = await unit.connection.execute(statement.order_by(CONSENT.c.signed_on.desc(), CONSENT.c.id.desc()))
    shown = [show_consent(unit, row, on=on) for row in found]
    return Consents(items=[one for one in shown if one.counts or not query.counting])


async def consent_row(unit: UnitOfWork, consent_id: UUID, *, lock: bool = False) -> Any:
    """The row of a consent in the caller's area, locked for a change if asked.

    :raises NotFound: if there is none.
    """
    statement = select(CONSENT).where(CONSENT.c.id == consent_id, in_area(unit))
    row = (await unit.connection.execute(statement.with_for_update() if lock else statement)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def read_sheet(unit: UnitOfWork, files: Files, consent_id: UUID) -> StoredFile:
    """The signed sheet of a consent in the caller's area; the read is kept in the audit log.

    The sheet lies where it was handed in, perhaps at the town: the right to it is the right to the consent.

    :raises NotFound: if there is no such consent, or no sheet of it.
    """
    row = await consent_row(unit, consent_id)
    return await signed_sheet(unit, files, row, table=TABLE, why="signed sheet of a consent")


async def signed_sheet(unit: UnitOfWork, files: Files, row: Any, *, table: str, why: str) -> StoredFile:
    """The sheet that ``row`` names, wherever it was handed in; the read is kept in the audit log.

    :raises NotFound: if it names none.
    """
    if row.file_id is None:
        raise NotFound(_NO_SHEET)
    await sensitive_read(unit, f"{table}.read_sheet", table, [row.id], why, fields=["file_id"])
    await unit.widen(Area.everywhere())
    return await files.find(unit, row.file_id)


def show_consent(unit: UnitOfWork, row: Any, *, on: date) -> ConsentRead:
    """A consent as the caller may see it."""
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    days = {name: known[name] for name in ("signed_on", "expires_on", "withdrawn_on")}
    return ConsentRead(
        **{name: known[name] for name in _SAME},
        has_sheet=row.file_id is not None,
        witness_name=_name(unit, row, "witness_name"),
        helper_name=_name(unit, row, "helper_name"),
        counts=counts(**days, on=on),
    )


def _name(unit: UnitOfWork, row: Any, column: str) -> str | None:
    sealed = getattr(row, column)
    if sealed is None:
        return None
    name = unit.vault.encryptor.open(bytes(sealed), table=TABLE, column=column, row=row.id)
    return name if unit.actor.role in KNOWS_NAMES else mask_name(name)
