"""Keep what an export says, until a later one of the same coverage takes its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select, text, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.files.files import release
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.vault import Vault
from services.monitoring.national.reading.model import NationalPiece
from services.monitoring.national.tables import NationalExport

KIND: Final = "national_export"
HOLDER: Final = "national_export"
_EXPORT: Final = rows(NationalExport)

_FORGET: Final = text("DELETE FROM national_household WHERE export_id = :export AND national_no = ANY(:numbers)")
_HOUSEHOLDS: Final = text(
    """
    INSERT INTO national_household (
        export_id, national_no, region, is_lifted, monitoring_type, risks, registered_on, eliminated_on, is_taken
    )
    SELECT :export, national_no, region, is_lifted, monitoring_type, risks, registered_on, eliminated_on, is_taken
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        national_no text, region bigint, is_lifted boolean, monitoring_type text, risks text[], registered_on date,
        eliminated_on date, is_taken boolean
    )
    ON CONFLICT (export_id, national_no) DO NOTHING
    """
)
_PERSONS: Final = text(
    """
    INSERT INTO national_person (
        id, export_id, household_no, region, national_no, name, birth_date, identity_indexes
    )
    SELECT id, :export, household_no, region, national_no, name, birth_date, identity_indexes
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
        id uuid, household_no text, region bigint, national_no text, name text, birth_date date,
        identity_indexes bytea[]
    )
    """
)
_KEPT: Final = ("national_difference", "national_person", "national_household")
_OTHERS: Final = """
    IN (SELECT id FROM national_export WHERE region = :county AND covers = :covers AND id <> :export)
"""
_COUNT: Final = text(
    """
    SELECT (SELECT count(*) FROM national_household WHERE export_id = :export) AS households,
           (SELECT count(*) FROM national_household WHERE export_id = :export AND NOT is_taken) AS not_taken,
           (SELECT count(*) FROM national_person WHERE export_id = :export) AS persons
    """
)


async def keep_pieces(
    unit: UnitOfWork,
    export_id: UUID,
    pieces: Sequence[tuple[NationalPiece, bool]],
    *,
    county: int,
    instead: bool,
) -> None:
    """Keep what the file says of these households; whatever has no 户编号 cannot be kept.

    :param pieces: each with whether it is in the registry now.
    :param instead: what is kept of the same households goes first, since a corrected file says it anew.
    """
    named = [(piece, taken) for piece, taken in pieces if piece.number is not None]
    if not named:
        return
    if instead:
        await unit.connection.execute(_FORGET, {"export": export_id, "numbers": [one.number for one, _ in named]})
    households = [_household(piece, taken, county) for piece, taken in named]
    persons = [row for piece, _ in named for row in _persons(piece, unit.vault, county)]
    await unit.connection.execute(_HOUSEHOLDS, {"export": export_id, "rows": orjson.dumps(households).decode()})
    await unit.connection.execute(_PERSONS, {"export": export_id, "rows": orjson.dumps(persons).decode()})


async def settle_export(unit: UnitOfWork, export_id: UUID, values: Mapping[str, Any]) -> dict[str, int]:
    """Let the export be the one that counts; gives how many households and persons it has.

    Of the exports of the same county and coverage only their heads stay.

    :param values: what the reading found out: columns, unread headings, counts, mapping.
    """
    export = (await unit.connection.execute(select(_EXPORT).where(*_own(unit, export_id)).with_for_update())).one()
    place = {"county": export.region, "covers": export.covers, "export": export_id}
    for table in _KEPT:
        await unit.connection.execute(text(f"DELETE FROM {table} WHERE export_id {_OTHERS}"), place)  # noqa: S608
    before = await unit.connection.execute(
        update(_EXPORT)
        .where(
            _EXPORT.c.region == export.region,
            _EXPORT.c.covers == export.covers,
            _EXPORT.c.state == "read",
            _EXPORT.c.id != export_id,
        )
        .values(state="replaced", version=_EXPORT.c.version + 1)
        .returning(_EXPORT.c.id, _EXPORT.c.file_id)
    )
    for row in before.all():
        await release(unit, row.file_id, holder=HOLDER, holder_id=row.id)
        unit.record("national_export.replace", Aggregate(KIND, row.id, export.region, version=0), fields=["state"])
    counted = (await unit.connection.execute(_COUNT, {"export": export_id})).one()
    own = {"households": counted.households, "persons": counted.persons, "not_taken": counted.not_taken}
    await unit.connection.execute(
        update(_EXPORT)
        .where(_EXPORT.c.id == export_id, _EXPORT.c.region == export.region)
        .values(**{**values, "counts": {**values["counts"], **own}}, state="read", version=_EXPORT.c.version + 1)
    )
    unit.record(
        "national_export.read", Aggregate(KIND, export_id, export.region, version=0), fields=["counts", "state"]
    )
    return own


async def refuse_export(unit: UnitOfWork, export_id: UUID, refusal: Mapping[str, Any]) -> None:
    """Leave the export refused as a whole, with nothing kept of what it says."""
    for table in _KEPT:
        await unit.connection.execute(
            text(f"DELETE FROM {table} WHERE export_id = :export"),  # noqa: S608  # constants
            {"export": export_id},
        )
    changed = await unit.connection.execute(
        update(_EXPORT)
        .where(*_own(unit, export_id), _EXPORT.c.state == "received")
        .values(state="refused", refusal=dict(refusal), version=_EXPORT.c.version + 1)
        .returning(_EXPORT.c.region, _EXPORT.c.file_id)
    )
    row = changed.one_or_none()
    if row is not None:
        await release(unit, row.file_id, holder=HOLDER, holder_id=export_id)
        unit.record("national_export.refuse", Aggregate(KIND, export_id, row.region, version=0), fields=["state"])


def _own(unit: UnitOfWork, export_id: UUID) -> tuple[Any, ...]:
    return _EXPORT.c.id == export_id, _EXPORT.c.region.between(unit.area.lo, unit.area.hi)


def _household(piece: NationalPiece, taken: bool, county: int) -> dict[str, Any]:  # noqa: FBT001  # one of a pair
    said = piece.monitoring
    return {
        "national_no": piece.number,
        "region": piece.region or county,
        "is_lifted": piece.is_lifted,
        "monitoring_type": said and said.monitoring_type,
        "risks": said and said.risks,
        "registered_on": said and said.registered_on,
        "eliminated_on": said and said.eliminated_on,
        "is_taken": taken,
    }


def _persons(piece: NationalPiece, vault: Vault, county: int) -> list[dict[str, Any]]:
    index = vault.identity_numbers.candidates
    return [
        {
            "id": new_id(),
            "household_no": piece.number,
            "region": piece.region or county,
            "national_no": person.national_no,
            "name": person.name,
            "birth_date": person.birth_date,
            "identity_indexes": [f"\\x{one.hex()}" for one in index(person.identity)] if person.identity else [],
        }
        for person in piece.persons
    ]
