"""Find the persons and the standing records of a chunk of rows, each with one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import any_, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA
from sqlalchemy.dialects.postgresql import UUID as PG_UUID

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from services.monitoring.datasets.rules.fates import Known, Registry, Row
from services.monitoring.datasets.tables import DepartmentRecord
from services.monitoring.households.owners import find_owners
from services.monitoring.households.tables import Person

_PERSON: Final = rows(Person)
_RECORD: Final = rows(DepartmentRecord)
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


@dataclass(frozen=True, slots=True, repr=False)
class Standing:
    """A record in force: what a row with the same natural key is compared with."""

    id: UUID
    submission_id: UUID
    payload: dict[str, Any]


async def one_at_a_time(unit: UnitOfWork, county: int, dataset: str) -> None:
    """Let no other transaction change this dataset's records in this county until this one ends."""
    await unit.connection.execute(_LOCK, {"name": f"department_record:{county}:{dataset}"})


async def look_up(unit: UnitOfWork, read: Iterable[Row], county: Area) -> Registry:
    """Who holds the ID numbers of these rows, and those of them who are of the county."""
    numbers = sorted({number for row in read if not row.faults for number in row.identities})
    owners = await find_owners(unit.connection, unit.vault, numbers)
    return Registry(owners, await known_persons(unit, sorted(set(owners.values())), county))


async def known_persons(unit: UnitOfWork, ids: Sequence[UUID], county: Area) -> dict[UUID, Known]:
    """These persons, as far as they are of the county."""
    if not ids:
        return {}
    found = await unit.connection.execute(
        select(_PERSON.c.id, _PERSON.c.household_id, _PERSON.c.region, _PERSON.c.name, _PERSON.c.state).where(
            _PERSON.c.id == any_(bindparam("ids", list(ids), ARRAY(PG_UUID(as_uuid=True)))),
            _PERSON.c.region.between(county.lo, county.hi),
        )
    )
    return {row.id: Known(row.id, row.household_id, row.region, row.name, row.state) for row in found}


async def standing_records(unit: UnitOfWork, county: int, dataset: str, keys: Sequence[bytes]) -> dict[bytes, Standing]:
    """The records in force under any of these natural keys."""
    if not keys:
        return {}
    area = Area.of(county)
    found = await unit.connection.execute(
        select(_RECORD.c.natural_key, _RECORD.c.id, _RECORD.c.submission_id, _RECORD.c.payload).where(
            _RECORD.c.county == county,
            _RECORD.c.dataset == dataset,
            _RECORD.c.state == "in_force",
            _RECORD.c.region.between(area.lo, area.hi),
            _RECORD.c.natural_key == any_(bindparam("keys", list(keys), ARRAY(BYTEA))),
        )
    )
    return {bytes(row.natural_key): Standing(row.id, row.submission_id, row.payload) for row in found}


async def instant(unit: UnitOfWork) -> Any:
    """The database's clock, for what was recorded when."""
    return await unit.connection.scalar(select(func.clock_timestamp()))
