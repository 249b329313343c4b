"""A clue's mark opens, follows the newest word about it, and closes when the clue was judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.events.event import Envelope
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing.programs import COUNTY, VILLAGE
from gateway.heard import ClueRaised
from gateway.todos.tables import TodoMark

HOUSEHOLD = new_id()
MARK = rows(TodoMark)


def said(clue: UUID, version: int, *, severity: str = "M", state: str = "open", due: str | None = None) -> Envelope:
    data = {"clue": str(clue), "household": str(HOUSEHOLD), "severity": severity, "due": due, "state": state}
    return Envelope(
        id=new_id(),
        type=ClueRaised.wire_type(),
        source="/services/monitoring",
        subject=clue,
        aggregate_version=version,
        region=VILLAGE,
        time=datetime(2024, 6, 3, 1, tzinfo=UTC),
        traceparent=None,
        data=data | {"a_later_field": 1},
    )


async def marks(program, area: Area) -> list[tuple]:
    async with program.database.transaction(area) as connection:
        found = await connection.execute(select(MARK.c.id, MARK.c.severity, MARK.c.is_open, MARK.c.version))
        return [tuple(row) for row in found]


async def test_a_mark_follows_its_clue(gateway_program, bus):
    clue = new_id()
    await bus.publish([said(clue, 1, due="2024-06-06T23:59:59+08:00")])
    assert await marks(gateway_program, Area.of(COUNTY)) == [(clue, "M", True, 1)]
    await bus.publish([said(clue, 2, severity="H"), said(clue, 3, severity="H", state="dismissed")])
    assert await marks(gateway_program, Area.of(COUNTY)) == [(clue, "H", False, 3)]


async def test_an_older_word_that_comes_late_changes_nothing(gateway_program, bus):
    clue = new_id()
    await bus.publish([said(clue, 5, state="withdrawn")])
    await bus.publish([said(clue, 4)])
    assert await marks(gateway_program, Area.of(COUNTY)) == [(clue, "M", False, 5)]


async def test_a_mark_moves_with_its_household(gateway_program, bus):
    clue = new_id()
    await bus.publish([said(clue, 1)])
    await bus.publish([replace(said(clue, 2), region=610999102201)])
    assert await marks(gateway_program, Area.of(VILLAGE)) == []
    assert await marks(gateway_program, Area.of(610999102201)) == [(clue, "M", True, 2)]


async def test_a_mark_shows_in_its_area_alone(gateway_program, bus):
    await bus.publish([said(new_id(), 1)])
    assert len(await marks(gateway_program, Area.of(VILLAGE))) == 1
    assert await marks(gateway_program, Area.of(610999102000)) == []
