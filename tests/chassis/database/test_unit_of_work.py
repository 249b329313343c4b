"""A change, its audit entry, its event and its change-feed row stand or fall together, inside one area."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, event, insert, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from chassis.audit.tables import audit_entry
from chassis.changes.tables import change, change_fields
from chassis.database.engine import is_outage, sqlstate
from chassis.events.event import Event
from chassis.events.tables import outbox, pending
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE, officer

tables = MetaData()
well = Table(
    "well", tables, Column("id", BigInteger, primary_key=True), Column("region", BigInteger), Column("note", Text)
)

OTHER_TOWN = 610999102000


class WellDug(Event, type="test.well.dug", version=1):
    depth: int


def dig(unit, *, version=1, left=None):
    thing = Aggregate("well", new_id(), VILLAGE, version, left_region=left)
    unit.record("well.dig", thing, fields=("depth",), event=WellDug(depth=30), reason="干旱")
    return thing


async def all_of(program, table):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(table))).all()


async def test_one_commit_writes_audit_event_pending_and_change(make_program):
    program = make_program(tables=tables)
    async with program.unit(officer(), traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01") as unit:
        thing = dig(unit)
    [entry] = await all_of(program, audit_entry)
    assert (entry.action, entry.entity_id, entry.fields, entry.reason) == ("well.dig", thing.id, ["depth"], "干旱")
    assert entry.trace_id == "a" * 32
    [said] = await all_of(program, outbox)
    assert (said.type, said.subject, said.data) == ("cn.xianjie.test.well.dug.v1", thing.id, {"depth": 30})
    assert [row.event_id for row in await all_of(program, pending)] == [said.id]
    [fed] = await all_of(program, change)
    assert (fed.kind, fed.id, fed.version, fed.deleted) == ("well", thing.id, 1, False)
    assert [row.fields for row in await all_of(program, change_fields)] == [["depth"]]


async def test_a_unit_begins_over_its_area_without_a_statement_of_its_own(make_program):
    program = make_program(tables=tables)
    async with program.unit(officer()):
        pass  # a connection's first use asks for more
    said = []
    event.listen(program.database.engine.sync_engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    async with program.unit(officer(region=TOWN)) as unit:
        assert said == [], "BEGIN and the area went together, see chassis.database.engine.begin_over"
        bounds = text("SELECT current_setting('app.area_lo'), current_setting('app.area_hi')")
        lo, hi = (await unit.connection.execute(bounds)).one()
    assert Area(int(lo), int(hi)) == unit.area == officer(region=TOWN).area


async def test_a_failed_action_leaves_nothing(make_program):
    program = make_program(tables=tables)
    with pytest.raises(LookupError):
        async with program.unit(officer()) as unit:
            await unit.connection.execute(insert(well).values(id=1, region=VILLAGE))
            dig(unit)
            await unit.write_records()
            raise LookupError
    for table in (well, audit_entry, outbox, pending, change):
        assert await all_of(program, table) == []


async def test_a_step_that_fails_is_undone_alone_with_its_records_and_its_reach(make_program):
    program = make_program(tables=tables)
    told = []

    async def tell(_program):
        told.append("refused")

    async with program.unit(officer(Role.TOWN_OFFICER, TOWN)) as unit:
        own = unit.area
        await unit.connection.execute(insert(well).values(id=1, region=VILLAGE))
        kept = dig(unit)
        with pytest.raises(ProgrammingError):
            async with unit.step():
                await unit.widen(Area.of(COUNTY))
                await unit.connection.execute(insert(well).values(id=2, region=VILLAGE))
                dig(unit)
                unit.if_refused(tell)
                await unit.connection.execute(text("SELECT no_such_column FROM well"))
        assert (unit.area, len(unit.aftermath)) == (own, 1)
        async with unit.step():
            await unit.connection.execute(insert(well).values(id=3, region=VILLAGE))
            also = dig(unit)
            unit.if_refused(tell)
            await unit.widen(Area.of(COUNTY))
        assert (unit.area, len(unit.aftermath)) == (own, 1), "a step's reach ends with it"
        bound = await unit.connection.scalar(text("SELECT current_setting('app.area_hi')"))
        assert bound == str(own.hi)
    assert [row.id for row in await all_of(program, well)] == [1, 3]
    assert {entry.entity_id for entry in await all_of(program, audit_entry)} == {kept.id, also.id}


async def test_what_leaves_an_area_leaves_a_tombstone_there(make_program):
    program = make_program(tables=tables)
    async with program.unit(officer()) as unit:
        dig(unit, version=2, left=OTHER_TOWN)
    rows = {row.region: row.deleted for row in await all_of(program, change)}
    assert rows == {VILLAGE: False, OTHER_TOWN: True}


async def test_rows_of_another_area_are_neither_seen_nor_written(make_program):
    program = make_program(tables=tables)
    async with program.unit(officer()) as unit:
        rows = [{"id": 1, "region": VILLAGE}, {"id": 2, "region": OTHER_TOWN}]
        await unit.connection.execute(insert(well), rows)
    async with program.unit(officer(Role.TOWN_OFFICER, TOWN)) as unit:
        assert (await unit.connection.execute(select(well.c.id))).scalars().all() == [1]
    with pytest.raises(ProgrammingError) as refused:
        async with program.unit(officer(Role.TOWN_OFFICER, TOWN)) as unit:
            await unit.connection.execute(insert(well).values(id=3, region=OTHER_TOWN))
    assert sqlstate(refused.value) == "42501"


async def test_without_an_area_no_row_is_visible_even_on_a_reused_connection(make_program):
    program = make_program(tables=tables)
    program.database.engine.pool._pool.maxsize = 1
    async with program.unit(officer()) as unit:
        await unit.connection.execute(insert(well).values(id=1, region=VILLAGE))
    async with program.database.engine.connect() as connection:
        assert (await connection.execute(text("SELECT current_setting('app.area_lo', true)"))).scalar() == ""
        assert (await connection.execute(select(well))).all() == []


async def test_an_area_can_only_be_widened(make_program):
    program = make_program(tables=tables)
    async with program.unit(officer(Role.TOWN_OFFICER, TOWN)) as unit:
        await unit.widen(Area.of(COUNTY))
        await unit.connection.execute(insert(well).values(id=3, region=OTHER_TOWN))
        with pytest.raises(ValueError, match="widened"):
            await unit.widen(Area.of(VILLAGE))


async def test_things_made_in_bulk_are_written_down_as_if_each_had_been_recorded(make_program):
    program = make_program(tables=tables)
    things, events = [new_id(), new_id()], [new_id(), new_id()]
    made = (
        "SELECT 'well.dig' AS action, 'well' AS kind, thing AS entity_id, CAST(:region AS bigint) AS region,"
        f" event AS event_id, '{WellDug.wire_type()}' AS event_type, CAST('{{\"depth\": 30}}' AS jsonb) AS event_data"
        " FROM unnest(CAST(:things AS uuid[]), CAST(:events AS uuid[])) AS given(thing, event)"
    )
    async with program.unit(officer(Role.TOWN_OFFICER, TOWN)) as unit:
        unit.reason = "干旱"
        told = await unit.record_new_from(made, {"region": VILLAGE, "things": things, "events": events})
    assert told == 2
    assert unit.wrote_events
    entries = await all_of(program, audit_entry)
    assert [(one.action, one.entity_id, one.version, one.reason) for one in entries] == [
        ("well.dig", thing, 1, "干旱") for thing in things
    ]
    assert {(one.id, one.version, one.deleted) for one in await all_of(program, change)} == {
        (thing, 1, False) for thing in things
    }
    assert [(one.id, one.subject, one.data) for one in await all_of(program, outbox)] == [
        (event, thing, {"depth": 30}) for event, thing in zip(events, things, strict=True)
    ]
    assert [one.event_id for one in await all_of(program, pending)] == events


async def test_things_made_in_bulk_outside_the_area_are_refused(make_program):
    program = make_program(tables=tables)
    made = (
        "SELECT 'well.dig' AS action, 'well' AS kind, CAST(:thing AS uuid) AS entity_id,"
        f" CAST({OTHER_TOWN} AS bigint) AS region, CAST(NULL AS uuid) AS event_id, NULL AS event_type,"
        " CAST(NULL AS jsonb) AS event_data"
    )
    with pytest.raises(ProgrammingError) as refused:
        async with program.unit(officer(Role.TOWN_OFFICER, TOWN)) as unit:
            await unit.record_new_from(made, {"thing": new_id()})
    assert sqlstate(refused.value) == "42501"
    assert await all_of(program, audit_entry) == []


_FILLED = """
    filled AS (UPDATE well SET note = 'filled' WHERE id = 1 RETURNING region),
    dug AS (INSERT INTO well (id, region) VALUES (2, :village) RETURNING region),
    told AS (
        SELECT 'well.fill' AS action, CAST(:first AS uuid) AS id, region, CAST(2 AS bigint) AS version,
               CAST('{note}' AS text[]) AS fields, true AS deleted FROM filled
        UNION ALL SELECT 'well.dig', CAST(:second AS uuid), region, 1, '{}', false FROM dug
    )
"""


async def test_a_statement_records_what_it_changed_itself(make_program):
    program = make_program(tables=tables)
    first, second = new_id(), new_id()
    async with program.unit(officer()) as unit:
        await unit.connection.execute(insert(well).values(id=1, region=VILLAGE))
        unit.reason = "干旱"
        bound = {"kind": "well", "village": VILLAGE, "first": first, "second": second}
        assert await unit.record_made(_FILLED, bound) == 2
    entries = {row.entity_id: (row.action, row.fields, row.reason) for row in await all_of(program, audit_entry)}
    assert entries == {first: ("well.fill", ["note"], "干旱"), second: ("well.dig", [], "干旱")}
    fed = {row.id: (row.version, row.deleted) for row in await all_of(program, change)}
    assert fed == {first: (2, True), second: (1, False)}
    assert [(row.id, row.fields) for row in await all_of(program, change_fields)] == [(first, ["note"])]


async def test_a_connection_that_was_lost_in_the_pool_is_an_outage_and_the_next_one_is_new(make_program):
    program = make_program(tables=tables)
    ask = text("SELECT pg_backend_pid()")
    async with program.unit(officer()) as stays:
        async with program.unit(officer()) as unit:
            lost = (await unit.connection.execute(ask)).scalar_one()
        await stays.connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": lost})
        with pytest.raises(OperationalError) as refused:
            async with program.unit(officer()):
                pass
        assert is_outage(refused.value)
        async with program.unit(officer()) as unit:
            assert (await unit.connection.execute(ask)).scalar_one() != lost
            assert (await unit.connection.execute(text("SELECT current_setting('app.area_lo')"))).scalar_one() == str(
                unit.area.lo
            )
