"""The feed skips nothing, tells every follower the same order, and knows what left an area."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

import pytest
from sqlalchemy import text

from chassis.audit.epochs import current_epoch, raise_epoch
from chassis.changes.feed import Change, Position, changes_since, fields_since
from chassis.database.engine import Database
from chassis.errors import CursorSpoiled
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.records import Aggregate
from chassis.security.scope import Actor, Area
from chassis.testing.database import meddle
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer

COUNTY_AREA = Area.of(COUNTY)
OTHER_TOWN = 610999102000


async def record(
    program: Program,
    thing: UUID,
    version: int,
    *,
    region: int = VILLAGE,
    left: int | None = None,
    fields: tuple[str, ...] = ("name",),
    deleted: bool = False,
    actor: Actor | None = None,
) -> None:
    async with program.unit(actor or officer()) as unit:
        unit.record("thing.changed", Aggregate("thing", thing, region, version, left), fields=fields, deleted=deleted)


async def read(
    program: Program, position: Position | None = None, *, area: Area = COUNTY_AREA, kinds: tuple[str, ...] = ()
) -> tuple[list[Change], Position]:
    """Everything that waits, in parts of three."""
    found: list[Change] = []
    async with program.database.transaction(area) as connection:
        while True:
            part = await changes_since(connection, position, area=area, kinds=kinds, limit=3)
            found.extend(part.items)
            position = part.next
            if not part.has_more:
                return found, position


async def test_each_thing_is_told_once_by_its_newest_version(make_program):
    program = make_program()
    things = [new_id() for _ in range(7)]
    for version in (1, 2):
        for thing in things:
            await record(program, thing, version)
    found, position = await read(program)
    assert {(change.id, change.version) for change in found} == {(thing, 2) for thing in things}
    assert len(found) == 7
    assert await read(program, position) == ([], position)


async def test_a_follower_gets_only_what_came_later_with_the_fields_changed_since(make_program):
    program = make_program()
    one, other = new_id(), new_id()
    await record(program, one, 1, fields=("name",))
    await record(program, other, 1, fields=("name",))
    _, position = await read(program)
    await record(program, one, 2, fields=("phone",))
    await record(program, one, 3, fields=("address", "phone"))
    found, _ = await read(program, position)
    assert [(change.id, change.version, change.fields) for change in found] == [(one, 3, ("address", "phone"))]


async def test_the_fields_since_a_version_are_what_an_edit_may_collide_with(make_program):
    program = make_program()
    thing = new_id()
    await record(program, thing, 1, fields=("name",))
    await record(program, thing, 2, fields=("phone",))
    await record(program, thing, 3, fields=("address",))
    async with program.database.transaction(COUNTY_AREA) as connection:
        assert await fields_since(connection, "thing", thing, 1) == {"phone", "address"}
        assert await fields_since(connection, "thing", thing, 3) == frozenset()
        assert await fields_since(connection, "thing", thing, 1, but={2}) == {"address"}


async def test_a_thing_that_leaves_an_area_leaves_a_tombstone_there_and_only_there(make_program):
    program = make_program()
    thing = new_id()
    await record(program, thing, 1, region=TOWN)
    _, old_town = await read(program, area=Area.of(TOWN))
    _, new_town = await read(program, area=Area.of(OTHER_TOWN))
    _, county = await read(program)
    await record(program, thing, 2, region=OTHER_TOWN, left=TOWN)
    left, _ = await read(program, old_town, area=Area.of(TOWN))
    came, _ = await read(program, new_town, area=Area.of(OTHER_TOWN))
    moved, _ = await read(program, county)
    assert [(change.region, change.deleted) for change in left] == [(TOWN, True)]
    assert [(change.region, change.deleted) for change in came] == [(OTHER_TOWN, False)]
    assert [(change.region, change.deleted) for change in moved] == [(OTHER_TOWN, False)]


async def test_a_deleted_thing_is_told_as_deleted(make_program):
    program = make_program()
    thing = new_id()
    await record(program, thing, 1)
    _, position = await read(program)
    await record(program, thing, 2, deleted=True)
    found, _ = await read(program, position)
    assert [(change.id, change.deleted) for change in found] == [(thing, True)]


async def test_another_countys_changes_are_not_told(make_program):
    program = make_program()
    await record(program, new_id(), 1)
    found, _ = await read(program, area=Area.of(610998000000))
    assert found == []


async def test_kinds_narrow_the_feed(make_program):
    program = make_program()
    async with program.unit(officer()) as unit:
        unit.record("a.changed", Aggregate("a", new_id(), VILLAGE, 1), fields=["x"])
        unit.record("b.changed", Aggregate("b", new_id(), VILLAGE, 1), fields=["x"])
    found, _ = await read(program, kinds=("b",))
    assert [change.kind for change in found] == ["b"]


async def test_what_an_open_transaction_may_still_bring_holds_the_feed_back(make_program):
    program = make_program()
    late, early = new_id(), new_id()
    async with program.unit(officer()) as slow:
        slow.record("thing.changed", Aggregate("thing", late, VILLAGE, 1), fields=["x"])
        await slow.write_records()
        await record(program, early, 1)
        found, position = await read(program)
        assert found == []
    found, _ = await read(program, position)
    assert [change.id for change in found] == [late, early]


@pytest.mark.budget(60)
async def test_thirty_two_writers_holding_transactions_lose_nothing_to_a_follower(make_program, make_database):
    database = make_database()
    program = make_program(database=database)
    writers = Database(database.app_url, pool_size=32)
    program_of_writers = make_program(database=database)
    program_of_writers.database = writers
    chance = random.Random(20240603)
    written: dict[UUID, int] = {}
    done = asyncio.Event()

    async def write(things: list[UUID]) -> None:
        for version in range(1, 6):
            for thing in things:
                async with program_of_writers.unit(officer()) as unit:
                    unit.record("thing.changed", Aggregate("thing", thing, VILLAGE, version), fields=[f"f{version}"])
                    await unit.write_records()
                    await asyncio.sleep(chance.random() * 0.05)
                written[thing] = version

    async def follow() -> tuple[dict[UUID, int], list[tuple[UUID, int]]]:
        seen: dict[UUID, int] = {}
        told: list[tuple[UUID, int]] = []
        position: Position | None = None
        while True:
            finished = done.is_set()
            found, position = await read(program, position)
            for change in found:
                seen[change.id] = change.version
                told.append((change.id, change.version))
            if finished and not found:
                return seen, told
            await asyncio.sleep(0.01)

    follower = asyncio.create_task(follow())
    await asyncio.gather(*(write([new_id() for _ in range(4)]) for _ in range(32)))
    done.set()
    seen, told = await follower
    await writers.close()
    assert len(written) == 128
    assert seen == written
    assert len(told) == len(set(told)), "a version is told once to who follows"
    assert len(told) > 128, "the follower read while the writers wrote"


async def test_after_a_restore_an_old_position_is_spoiled_and_nothing_is_hidden(make_program, make_database):
    database = make_database()
    program = make_program(database=database)
    old, updated = new_id(), new_id()
    await record(program, old, 1)
    await record(program, updated, 1)
    _, position = await read(program)
    # A fresh cluster's transaction ids start anew: every old one then lies above the present horizon.
    async with Database(database.migrate_url, pool_size=2).engine.begin() as connection:
        await connection.execute(text("UPDATE change SET xid = '9000000000000000'"))
        await connection.execute(text("UPDATE change_fields SET xid = '9000000000000000'"))
    assert (await read(program))[0] == []
    assert raise_epoch(database.migrate_url, reason="restored from the backup of last night").epoch == 1
    with pytest.raises(CursorSpoiled):
        await read(program, position)
    found, position = await read(program)
    assert {change.id for change in found} == {old, updated}
    await record(program, updated, 2)
    fresh = new_id()
    await record(program, fresh, 1)
    found, _ = await read(program, position)
    assert [(change.id, change.version) for change in found] == [(updated, 2), (fresh, 1)]


async def test_a_database_from_another_cluster_is_refused_until_its_restore_is_recorded(make_program, make_database):
    from chassis.audit.epochs import RestoredDatabase

    database = make_database()
    program = make_program(database=database)
    async with program.database.transaction(COUNTY_AREA) as connection:
        assert await current_epoch(connection) == 0
    meddle(database, "UPDATE epoch SET system_identifier = system_identifier - 1")
    with pytest.raises(RestoredDatabase):
        await read(program)
    raise_epoch(database.migrate_url, reason="moved to new hardware")
    assert (await read(program))[0] == []
