"""A reaction works in one transaction with the inbox and its own events, in the area of its event."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid, func, insert, select

from chassis.audit.tables import audit_entry
from chassis.events.consumer import Consumer
from chassis.events.event import Event
from chassis.events.subscriptions import Subscription
from chassis.events.tables import inbox, outbox, parked, pending
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.scope import Area
from chassis.testing.programs import VILLAGE
from chassis.testing.tally import Counted
from tests.chassis.events.reading import OTHER_VILLAGE, counted, rows

tables = MetaData()
echo = Table("echo", tables, Column("id", Uuid, primary_key=True), Column("region", BigInteger, nullable=False))


class Echoed(Event, type="echo.call.echoed", version=1):
    pass


async def test_reaction_inbox_and_new_events_stand_or_fall_together(make_program):
    program = make_program("echo", tables)
    woken = []
    program.events_written = lambda: woken.append(True)
    fail = True

    async def answer(unit, _event, envelope):
        await unit.connection.execute(insert(echo).values(id=envelope.subject, region=envelope.region))
        unit.record("echo.answer", Aggregate("echo", envelope.subject, envelope.region, 1), event=Echoed())
        if fail:
            raise ValueError

    consumer = Consumer(program, "echo", [Subscription(Counted, answer)])
    trace = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    await consumer.apply([counted(traceparent=trace)])
    assert [await rows(program, table) for table in (echo, inbox, outbox, pending, audit_entry)] == [[]] * 5
    assert woken == []
    fail = False
    envelope = counted(traceparent=trace)
    await consumer.apply([envelope])
    [event] = await rows(program, outbox)
    assert (event.type, event.subject, event.traceparent) == (Echoed.wire_type(), envelope.subject, trace)
    [entry] = await rows(program, audit_entry)
    assert (entry.subject, entry.region, entry.trace_id) == ("program:echo", VILLAGE, "a" * 32)
    assert len(await rows(program, pending)) == 1
    assert woken == [True]


async def test_an_action_works_in_the_area_of_its_event_alone(make_program):
    program = make_program("echo", tables)
    visible = {}

    async def look(unit, _event, envelope):
        visible[envelope.region] = (await unit.connection.execute(select(func.count()).select_from(echo))).scalar_one()

    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(insert(echo).values(id=new_id(), region=VILLAGE))
    consumer = Consumer(program, "echo", [Subscription(Counted, look)])
    here, there = counted(), counted(region=OTHER_VILLAGE)
    await consumer.apply([here, there, counted()])
    assert visible == {VILLAGE: 1, OTHER_VILLAGE: 0}

    async def trespass(unit, _event, _envelope):
        await unit.connection.execute(insert(echo).values(id=new_id(), region=OTHER_VILLAGE))

    consumer = Consumer(program, "trespasser", [Subscription(Counted, trespass)])
    await consumer.apply([counted()])
    [row] = await rows(program, parked)
    assert row.reason == "ProgrammingError 42501"


async def test_the_orm_session_of_one_reaction_leaves_the_batch_whole(make_program):
    program = make_program("echo", tables)

    async def through_session(unit, _event, envelope):
        await unit.session.execute(insert(echo).values(id=envelope.subject, region=envelope.region))

    consumer = Consumer(program, "echo", [Subscription(Counted, through_session)])
    batch = [counted() for _ in range(5)]
    await consumer.apply(batch)
    assert {row.id for row in await rows(program, echo)} == {envelope.subject for envelope in batch}
    assert len(await rows(program, inbox)) == 5
