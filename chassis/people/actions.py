"""Keep the states that monitoring tells, many in one statement; an older state never replaces a newer one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Table, delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.events.event import Envelope
from chassis.people.tables import known_household, known_number, known_person, known_region

Told = Sequence[tuple[Any, Envelope]]


def _upsert(table: Table, key: str) -> str:
    """Insert what is new and replace what is not newer, from the rows of ``told``."""
    names = [column.name for column in table.columns]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in names if name != key)
    # In order of the key, so that two members of a group never wait for each other crosswise.
    return (
        f"INSERT INTO {table.name} AS known ({', '.join(names)}) SELECT {', '.join(names)} FROM told ORDER BY {key}"  # noqa: S608
        f" ON CONFLICT ({key}) DO UPDATE SET {replaced} WHERE known.version <= excluded.version"
    )


def _told(table: Table) -> str:
    return f"SELECT * FROM jsonb_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS jsonb))"  # noqa: S608


# Names come from the metadata, values are bound.
_REGIONS: Final = text(f"WITH told AS ({_told(known_region)}) {_upsert(known_region, 'code')}")
_HOUSEHOLDS: Final = text(f"WITH told AS ({_told(known_household)}) {_upsert(known_household, 'id')}")
_PERSONS: Final = text(
    f"""
    WITH told AS (
        {_told(known_person)}
    ), borne AS MATERIALIZED (
        SELECT person_id, decode(encoded, 'base64') AS blind_index
        FROM jsonb_to_recordset(CAST(:numbers AS jsonb)) AS n(person_id uuid, encoded text)
    ), kept AS (
        {_upsert(known_person, "id")} RETURNING known.id, known.region
    ), given_up AS (
        DELETE FROM known_number AS old USING kept
        WHERE old.person_id = kept.id AND NOT EXISTS (
            SELECT FROM borne WHERE borne.person_id = old.person_id AND borne.blind_index = old.blind_index
        )
    )
    INSERT INTO known_number AS known (blind_index, person_id, region)
    SELECT DISTINCT blind_index, person_id, kept.region FROM borne JOIN kept ON kept.id = borne.person_id ORDER BY 1, 2
    ON CONFLICT (blind_index, person_id) DO UPDATE SET region = excluded.region WHERE known.region <> excluded.region
    """  # noqa: S608
)


_SAME: Final = ("region", "birth_date", "sex", "labour_skill", "is_lifted", "monitoring_type", "state", "died_on")
"""Fields of a person that the projection calls by the event's own name."""


async def keep_regions(unit: UnitOfWork, told: Told) -> None:
    """Divisions as ``monitoring.region.recorded`` tells them."""
    rows = [
        {
            "code": event.code,
            "name": event.name,
            "level": event.level,
            "parent": event.parent,
            "valid_from": event.valid_from,
            "valid_to": event.valid_to,
            "successor": event.successor,
            "version": envelope.aggregate_version,
        }
        for event, envelope in told
    ]
    await _execute(unit, _REGIONS, rows=rows)


async def keep_households(unit: UnitOfWork, told: Told) -> None:
    """Households as ``monitoring.household.recorded`` tells them."""
    rows = [
        {
            "id": event.household,
            "region": event.region,
            "registration_region": event.registration_region,
            "is_lifted": event.is_lifted,
            "monitoring_type": event.monitoring_type,
            "member_count": event.members,
            "state": event.state,
            "successor_id": event.successor,
            "version": envelope.aggregate_version,
        }
        for event, envelope in told
    ]
    await _execute(unit, _HOUSEHOLDS, rows=rows)


async def keep_persons(unit: UnitOfWork, told: Told, *, receiver: str) -> None:
    """Persons as ``monitoring.person.recorded`` tells them, with the indexes made for the service ``receiver``."""
    rows = [
        {
            "id": event.person,
            "household_id": event.household,
            **{name: getattr(event, name) for name in _SAME},
            "version": envelope.aggregate_version,
        }
        for event, envelope in told
    ]
    numbers = [
        {"person_id": event.person, "encoded": encoded} for event, _ in told for encoded in _indexes(event, receiver)
    ]
    await _execute(unit, _PERSONS, rows=rows, numbers=numbers)


async def forget_people(connection: AsyncConnection) -> None:
    """Empty the projection, to be built anew from the first event."""
    for table in (known_number, known_person, known_household, known_region):
        await connection.execute(delete(table))


def _indexes(event: Any, receiver: str) -> list[str]:
    current: Mapping[str, str] = event.identity_indexes
    others: Mapping[str, Sequence[str]] = event.other_identity_indexes
    return [*([current[receiver]] if receiver in current else []), *others.get(receiver, ())]


async def _execute(unit: UnitOfWork, statement: Any, **parameters: list[dict[str, Any]]) -> None:
    await unit.connection.execute(statement, {name: orjson.dumps(rows).decode() for name, rows in parameters.items()})
