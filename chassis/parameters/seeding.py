"""Bring a release's default values into the database, at every start, without touching what is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.parameters.catalogue import Catalogue, Default, Definition
from chassis.parameters.queries import rows_of_keys
from chassis.parameters.rules import ParameterRow, ParameterState, succession
from chassis.parameters.tables import parameter
from chassis.records import Aggregate

PROPOSER: Final = "program:catalogue"
APPROVER: Final = "program:release"
_LOCK: Final = text(
    "INSERT INTO parameter_revision (id, revision) VALUES (1, 0)"
    " ON CONFLICT (id) DO UPDATE SET revision = parameter_revision.revision"
)
_RAISE: Final = text("UPDATE parameter_revision SET revision = revision + 1")
_ENDING: Final = ("effective_to", "ended_by", "ended_at", "version")
_END: Final = update(parameter).where(parameter.c.id == bindparam("which"))


@dataclass(frozen=True, slots=True)
class Seeded:
    """How many defaults were new, and which ones stood aside for values that people had set."""

    inserted: int
    stood_aside: tuple[str, ...]


async def seed_parameters(unit: UnitOfWork, catalogue: Catalogue) -> Seeded:
    """Insert the defaults that are not there yet. ``unit`` acts for the platform, everywhere.

    A default that a later release adds ends the open default before it. One that would overlap a value set by people
    stands aside. No row is overwritten; repeating it, also at the same time elsewhere, changes nothing.
    """
    await unit.connection.execute(_LOCK)
    book = _Book(await rows_of_keys(unit.connection, [definition.key for definition in catalogue]))
    aside = [
        f"{row.key} from {row.effective_from}"
        for definition in catalogue
        for default in sorted(definition.defaults, key=lambda one: one.effective_from)
        if definition.default_id(default) not in book.known
        and not book.take_place(unit, row := _row(unit, definition, default))
    ]
    await book.write(unit.connection)
    return Seeded(len(book.new), tuple(aside))


class _Book:
    """What the database holds of a catalogue's keys, and what seeding makes of it: read once, written once."""

    def __init__(self, rows: Sequence[ParameterRow]) -> None:
        self.known: Final = {row.id for row in rows}
        self.new: Final[dict[UUID, ParameterRow]] = {}
        self._ended: Final[dict[UUID, ParameterRow]] = {}
        self._active: Final[defaultdict[tuple[int, str], dict[UUID, ParameterRow]]] = defaultdict(dict)
        for row in rows:
            if row.state is ParameterState.ACTIVE:
                self._active[row.scope, row.key][row.id] = row

    def take_place(self, unit: UnitOfWork, row: ParameterRow) -> bool:
        """Put ``row`` among the active ones; False, with nothing changed, where people's values stand in its way."""
        active = self._active[row.scope, row.key]
        place = succession(row, list(active.values()))
        if place.blocked_by or any(former.proposed_by != PROPOSER for former in place.ends):
            return False
        for former in place.ends:
            ended = replace(
                former,
                effective_to=place.last_day,
                ended_by=row.id,
                ended_at=row.approved_at,
                version=former.version + 1,
            )
            (self.new if former.id in self.new else self._ended)[former.id] = active[former.id] = ended
            unit.record(
                "parameter.ended",
                Aggregate("parameter", ended.id, ended.scope, ended.version),
                fields=["effective_to"],
            )
        self.new[row.id] = active[row.id] = row
        unit.record("parameter.seeded", Aggregate("parameter", row.id, row.scope, row.version), fields=["value"])
        return True

    async def write(self, connection: AsyncConnection) -> None:
        """Two statements for all of it. Ends come first: the database refuses two values of one day."""
        if self._ended:
            ends = [{"which": row.id, **{name: getattr(row, name) for name in _ENDING}} for row in self._ended.values()]
            await connection.execute(_END, ends)
        if self.new:
            await connection.execute(insert(parameter), [_values(row) for row in self.new.values()])
            await connection.execute(_RAISE)


def _values(row: ParameterRow) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}


def _row(unit: UnitOfWork, definition: Definition, default: Default) -> ParameterRow:
    now = unit.clock.system_now()
    return ParameterRow(
        id=definition.default_id(default),
        scope=default.scope,
        key=definition.key,
        effective_from=default.effective_from,
        effective_to=default.effective_to,
        value=default.value,
        unit=definition.unit,
        source=default.source,
        state=ParameterState.ACTIVE,
        proposed_by=PROPOSER,
        proposed_at=now,
        approved_by=APPROVER,
        approved_at=now,
    )
