"""Record what a household signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from chassis.files.files import Files, StoredFile, hold
from chassis.files.starting import use_uploaded
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.queries.of_household import case_faults
from services.monitoring.codes.evidence import GivenBy
from services.monitoring.consents.queries.listing import TABLE, show_consent
from services.monitoring.consents.queries.standing import CONSENT
from services.monitoring.consents.rules import Given, Way, refusals
from services.monitoring.consents.schemas import ConsentCreate, ConsentRead
from services.monitoring.consents.thresholds import VALID_MONTHS
from services.monitoring.households.queries.one import household_row, member_rows
from services.monitoring.households.rules.dates import months_after
from services.monitoring.parameters import book_of, keep_days

SHEET_PURPOSE: Final = "consent_sheet"
SHEET_BYTES_MAX: Final = 20 << 20
FIELDS: Final = ("covers", "expires_on", "given_by", "kind", "purposes", "signed_by", "signed_on")
_SPOKEN: Final = frozenset({GivenBy.TELEPHONE, GivenBy.VIDEO})
_ENDED: Final = Message("该户已不在册。", "The household has ended.")


async def record_consent(unit: UnitOfWork, household_id: UUID, body: ConsentCreate) -> ConsentRead:
    """Keep a consent of a household in the caller's area, and hold its sheet.

    :raises NotFound: if there is no such household.
    :raises InvalidInput: with everything that stands against it.
    :raises UploadedFileMissing: if the sheet is not a file that the caller uploaded.
    """
    household = await household_row(unit, household_id)
    members = [row for row in await member_rows(unit, household.id) if row.state == "active"]
    signed_on = body.signed_on or unit.clock.today()
    book = await book_of(unit, household.region)
    months = book.integer(VALID_MONTHS[body.kind], region=household.region, on=signed_on)
    latest = months_after(signed_on, months) - timedelta(days=1)
    given = Given(
        signed_by=body.signed_by,
        covers=body.covers,
        signed_on=signed_on,
        expires_on=body.expires_on,
        way=way_of(body.given_by, has_sheet=body.file_id is not None, has_witness=body.witness_name is not None),
    )
    born = {row.id: row.birth_date for row in members}
    faults = [] if household.state == "active" else [Fault("", "household_ended", _ENDED)]
    faults += refusals(given, born=born, today=unit.clock.today(), latest=latest)
    faults += await case_faults(unit, household.id, body.case_id)
    if faults:
        raise InvalidInput(faults=faults)
    consent_id = body.id or new_id()
    if body.file_id is not None:
        await hold(unit, await uploaded_sheet(unit, body.file_id), holder=TABLE, holder_id=consent_id)
    values: dict[str, Any] = {
        "id": consent_id,
        "region": household.region,
        "household_id": household.id,
        "case_id": body.case_id,
        "kind": body.kind.value,
        "purposes": [one.value for one in body.purposes],
        "covers": body.covers,
        "signed_by": body.signed_by,
        "signed_on": signed_on,
        "expires_on": body.expires_on or latest,
        "given_by": body.given_by.value,
        "file_id": body.file_id,
        "witness_name": _sealed(unit, consent_id, "witness_name", body.witness_name),
        "helper_name": _sealed(unit, consent_id, "helper_name", body.helper.name if body.helper else None),
        "helper_relation": body.helper.relation if body.helper else None,
        "recorded_by": unit.actor.subject,
    }
    row = (await unit.connection.execute(insert(CONSENT).values(values).returning(CONSENT))).one()
    unit.record("consent.record", Aggregate(TABLE, row.id, row.region, row.version), fields=FIELDS)
    return show_consent(unit, row, on=unit.clock.today())


def way_of(given_by: GivenBy, *, has_sheet: bool, has_witness: bool) -> Way:
    """How a household gave its word."""
    return Way(given_by is GivenBy.PAPER, has_sheet, given_by in _SPOKEN, has_witness)


async def uploaded_sheet(unit: UnitOfWork, file_id: UUID) -> StoredFile:
    """The photo of a signed sheet that the caller uploaded.

    :raises UploadedFileMissing: if it is not that.
    """
    region = unit.actor.assignment.region
    days = await keep_days(unit, region)
    files: Files = unit.extras[Files]
    return await use_uploaded(unit, files, file_id, purpose=SHEET_PURPOSE, region=region, keep_days=days)


def _sealed(unit: UnitOfWork, consent_id: UUID, column: str, name: str | None) -> bytes | None:
    if name is None:
        return None
    return unit.vault.encryptor.seal(name, table=TABLE, column=column, row=consent_id)
