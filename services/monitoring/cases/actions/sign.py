"""Keep what a household signed in its case, with the photo of the sheet."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault
from chassis.files.files import hold
from chassis.identifiers import new_id
from services.monitoring.cases.queries.rows import SIGNATURE
from services.monitoring.cases.rules.guards import fault, too_old
from services.monitoring.cases.schemas.signing import SignatureCreate
from services.monitoring.consents.actions.record import uploaded_sheet, way_of
from services.monitoring.consents.rules import refusals_of_way

HOLDER: Final = "case_signature"


def signature_faults(
    unit: UnitOfWork, row: Any, body: SignatureCreate, pointer: str = "", *, since: date | None = None
) -> list[Fault]:
    """What stands against a signature in the case ``row``; ``since``: from which day one counts, if not its day 0."""
    signed_on = body.signed_on or unit.clock.today()
    faults = []
    if signed_on > unit.clock.today():
        faults.append(fault("day_ahead", f"{pointer}/signed_on"))
    faults += too_old(signed_on, f"{pointer}/signed_on", day_0=row.day_0, since=since or row.day_0)
    way = way_of(body.given_by, has_sheet=body.file_id is not None, has_witness=body.witness is not None)
    return faults + refusals_of_way(way, pointer)


async def keep_signature(unit: UnitOfWork, row: Any, body: SignatureCreate, *, purpose: str) -> UUID:
    """The id of the signature, whose sheet is held for as long as the case is.

    :raises UploadedFileMissing: if the sheet is not a file that the caller uploaded.
    """
    signature_id = body.id or new_id()
    if body.file_id is not None:
        await hold(unit, await uploaded_sheet(unit, body.file_id), holder=HOLDER, holder_id=signature_id)
    values = {
        "id": signature_id,
        "region": row.region,
        "case_id": row.id,
        "purpose": purpose,
        "signed_by": body.signed_by,
        "signed_on": body.signed_on or unit.clock.today(),
        "given_by": body.given_by.value,
        "file_id": body.file_id,
        "helper": body.helper,
        "witness": body.witness,
        "recorded_by": unit.actor.subject,
    }
    await unit.connection.execute(insert(SIGNATURE).values(values))
    return signature_id
