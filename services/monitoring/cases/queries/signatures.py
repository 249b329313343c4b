"""What the household signed in its case, and the sheet behind a signature."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.files.files import Files, StoredFile
from chassis.security.masking import mask_name
from services.monitoring.cases.queries.rows import SIGNATURE
from services.monitoring.cases.schemas.signing import SignatureRead
from services.monitoring.consents.queries.listing import signed_sheet
from services.monitoring.households.queries.one import KNOWS_NAMES


async def signatures_of(unit: UnitOfWork, case_id: UUID) -> list[SignatureRead]:
    """Every signature of a case, the first one first."""
    statement = select(SIGNATURE).where(
        SIGNATURE.c.case_id == case_id, SIGNATURE.c.region.between(unit.area.lo, unit.area.hi)
    )
    return [_shown(unit, row) for row in await unit.connection.execute(statement.order_by(SIGNATURE.c.id))]


async def read_case_sheet(unit: UnitOfWork, files: Files, case_id: UUID, signature_id: UUID) -> StoredFile:
    """The signed sheet; the read is kept in the audit log.

    :raises NotFound: if there is no such signature of a case in the caller's area, or no sheet of it.
    """
    statement = select(SIGNATURE).where(
        SIGNATURE.c.id == signature_id,
        SIGNATURE.c.case_id == case_id,
        SIGNATURE.c.region.between(unit.area.lo, unit.area.hi),
    )
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return await signed_sheet(unit, files, row, table=SIGNATURE.name, why="signed sheet of a case")


def _shown(unit: UnitOfWork, row: Any) -> SignatureRead:
    def name(value: str | None) -> str | None:
        return value if value is None or unit.actor.role in KNOWS_NAMES else mask_name(value)

    return SignatureRead(
        id=row.id,
        purpose=row.purpose,
        signed_by=mask_name(row.signed_by) if unit.actor.role not in KNOWS_NAMES else row.signed_by,
        signed_on=row.signed_on,
        given_by=row.given_by,
        has_sheet=row.file_id is not None,
        helper=name(row.helper),
        witness=name(row.witness),
    )
