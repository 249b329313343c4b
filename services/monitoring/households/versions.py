"""Write the next version of households and persons; the state that is left goes to history in the same statement.

A version holds from its ``valid_from`` on and replaces, from that day, what was recorded before it. So the state of a
day as known at an instant is the highest version recorded by then that holds on that day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import LargeBinary, Table, func, select, text
from sqlalchemy.sql.expression import TextualSelect

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import VersionStale
from chassis.identity_numbers import IdentityNumber
from chassis.records import Aggregate
from services.monitoring.households.events import household_recorded, person_recorded
from services.monitoring.households.numbers import indexes_for_receivers, open_sealed
from services.monitoring.households.tables import Household, HouseholdHistory, Person, PersonHistory

UNTOLD: Final = frozenset({"version", "valid_from", "recorded_at"})
"""Columns that differ with every version."""
PUBLIC_NAMES: Final = {
    "contact_phone": "phone",
    "disability_class": "disability_number",
    "disability_level": "disability_number",
    "ended_monitoring": "monitoring_type",
}
"""What the API calls the columns that it shows under another name."""


@dataclass(frozen=True, slots=True, repr=False)
class Change:
    """What becomes of one row: new values by column, and the day from which they hold."""

    row: Any
    values: Mapping[str, Any]
    on: date

    @property
    def fields(self) -> list[str]:
        """Names of the fields that differ, as the API calls them."""
        before = columns_of(self.row)
        differing = {name for name, value in self.values.items() if before[name] != value} - UNTOLD
        return sorted({PUBLIC_NAMES.get(name, name) for name in differing})


def columns_of(row: Any) -> Mapping[str, Any]:
    """A row's values by column."""
    return row._mapping  # type: ignore[no-any-return]  # noqa: SLF001  # public, despite the name


class Versions:
    """The versions that one action writes; all carry one instant, so that no question falls between them."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._instant: datetime | None = None

    async def instant(self) -> datetime:
        """When this action records. Asked after its row locks are held, so that versions and instants rise together."""
        if self._instant is None:
            self._instant = (await self._unit.connection.execute(select(func.clock_timestamp()))).scalar_one()
        return self._instant

    async def households(self, changes: Sequence[Change]) -> list[Any]:
        """The rows as they are now, in the order of ``changes``.

        :raises VersionStale: if a row is not as it was read.
        """
        return await self._write(_HOUSEHOLDS, changes)

    async def persons(self, changes: Sequence[Change]) -> list[Any]:
        """The rows as they are now, in the order of ``changes``.

        :raises VersionStale: if a row is not as it was read.
        """
        return await self._write(_PERSONS, changes)

    async def _write(self, statement: TextualSelect, changes: Sequence[Change]) -> list[Any]:
        if not changes:
            return []
        fresh = [
            {
                **columns_of(change.row),
                **change.values,
                "version": change.row.version + 1,
                "valid_from": change.on,
                "recorded_at": await self.instant(),
            }
            for change in changes
        ]
        parameter = orjson.dumps(fresh, default=_as_json).decode()
        written = {row.id: row for row in await self._unit.connection.execute(statement, {"rows": parameter})}
        if len(written) != len(changes):
            raise VersionStale
        return [written[change.row.id] for change in changes]


def tell_household(
    unit: UnitOfWork, action: str, change: Change | None, row: Any, *, reason: str | None = None
) -> None:
    """Record that ``action`` made ``row`` of what ``change`` found; no change: of nothing."""
    unit.record(
        action,
        _aggregate("household", change, row),
        fields=change.fields if change else (),
        event=household_recorded(row),
        reason=reason,
    )


def tell_person(
    unit: UnitOfWork, action: str, change: Change | None, row: Any, household: Any, *, reason: str | None = None
) -> None:
    """Record that ``action`` made the person's ``row``, who belongs to ``household`` now."""
    number = None
    if row.state != "removed":  # who was registered by mistake has given the number up, and another may bear it
        number = open_sealed(unit.vault, row.identity_number, column="identity_number", row=row.id)
    indexes = indexes_for_receivers(unit.vault, IdentityNumber(number) if number else None)
    unit.record(
        action,
        _aggregate("person", change, row),
        fields=change.fields if change else (),
        event=person_recorded(row, household, indexes),
        reason=reason,
    )


def _aggregate(kind: str, change: Change | None, row: Any) -> Aggregate:
    left = change.row.region if change is not None and change.row.region != row.region else None
    return Aggregate(kind, row.id, row.region, row.version, left)


def _as_json(value: Any) -> str:
    """Ciphertexts in the form in which PostgreSQL reads bytea out of JSON."""
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    raise TypeError


def sealed_columns(table: Table) -> list[str]:
    """Names of the columns that hold ciphertexts."""
    return [column.name for column in table.columns if isinstance(column.type, LargeBinary)]


def _next_version(table: Table, history: Table) -> TextualSelect:
    """Keep every row's present state and replace it by what ``:rows`` says, if it is one version further."""
    made_here = {"valid_to", "replaced_at", "document"}
    copied = [column.name for column in history.columns if column.name not in made_here]
    sealed = ", ".join(f"'{name}'" for name in sealed_columns(table))
    replaced = [column.name for column in table.columns if column.name != "id"]
    # Names come from the metadata above, values are bound.
    statement = f"""
        WITH fresh AS MATERIALIZED (
            SELECT * FROM jsonb_populate_recordset(CAST(NULL AS {table.name}), CAST(:rows AS jsonb))
        ), kept AS (
            INSERT INTO {history.name} ({", ".join(copied)}, valid_to, replaced_at, document)
            SELECT {", ".join(f"now_left.{name}" for name in copied)},
                   greatest(now_left.valid_from, fresh.valid_from), fresh.recorded_at,
                   to_jsonb(now_left) - ARRAY[{sealed}]
            FROM {table.name} AS now_left
            JOIN fresh ON fresh.id = now_left.id AND fresh.version = now_left.version + 1
        )
        UPDATE {table.name} AS changed SET {", ".join(f"{name} = fresh.{name}" for name in replaced)}
        FROM fresh WHERE changed.id = fresh.id AND fresh.version = changed.version + 1
        RETURNING {", ".join(f"changed.{column.name}" for column in table.columns)}
    """  # noqa: S608
    return text(statement).columns(*table.columns)


_HOUSEHOLDS: Final = _next_version(rows(Household), rows(HouseholdHistory))
_PERSONS: Final = _next_version(rows(Person), rows(PersonHistory))
