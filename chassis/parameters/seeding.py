"""Bring a release's default values into the database, at every start, without touching what is there."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Final

from sqlalchemy import insert, text, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.parameters.catalogue import Catalogue, Default, Definition
from chassis.parameters.queries import active_rows, one_row
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
    inserted = 0
    aside: list[str] = []
    for definition in catalogue:
        for default in sorted(definition.defaults, key=lambda one: one.effective_from):
            row = _row(unit, definition, default)
            if await one_row(unit.connection, row.id) is not None:
                continue
            if await _take_place(unit, row):
                inserted += 1
            else:
                aside.append(f"{row.key} from {row.effective_from}")
    if inserted:
        await unit.connection.execute(_RAISE)
    return Seeded(inserted, tuple(aside))


async def _take_place(unit: UnitOfWork, row: ParameterRow) -> bool:
    place = succession(row, await active_rows(unit.connection, row.scope, row.key))
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
        await unit.connection.execute(
            update(parameter)
            .where(parameter.c.id == former.id)
            .values(effective_to=ended.effective_to, ended_by=row.id, ended_at=ended.ended_at, version=ended.version)
        )
        unit.record(
            "parameter.ended",
            Aggregate("parameter", ended.id, ended.scope, ended.version),
            fields=["effective_to"],
        )
    await unit.connection.execute(insert(parameter).values(asdict(row)))
    unit.record("parameter.seeded", Aggregate("parameter", row.id, row.scope, row.version), fields=["value"])
    return True


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
