"""An operator sees parked events of their area, masked; retries and drops them; each step is in the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry
from chassis.errors import InvalidInput, NotFound, StateRefused
from chassis.events.event import Envelope
from chassis.events.operations import MASK, drop_parked, list_parked, mask, read_parked, retry_parked
from chassis.events.retrier import ParkedRetrier
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing import tally
from chassis.testing.programs import COUNTY, VILLAGE, officer
from chassis.testing.tally import Counted, TallyReader

OTHER_TOWN_VILLAGE = 610999102001
OPERATOR = officer(Role.SYSTEM_ADMINISTRATOR, COUNTY)


def counted(subject=None, version=1, **changes) -> Envelope:
    now = datetime.now(UTC)
    wire_type = Counted.wire_type()
    base = Envelope(
        new_id(), wire_type, "/services/tally", subject or new_id(), version, VILLAGE, now, None, {"step": 1}
    )
    return replace(base, **changes)


@pytest.fixture
async def reader(make_program):
    async def refuse(_envelope):
        raise ValueError

    return TallyReader(make_program("reader", tally.tables), before=refuse)


async def die(reader):
    retrier = ParkedRetrier(reader.program, [reader.consumer])
    while await retrier.round():
        pass


async def audit_of(program):
    async with program.database.transaction(Area.everywhere()) as connection:
        rows = await connection.execute(select(audit_entry).order_by(audit_entry.c.id))
        return [(row.action, row.entity_id, row.subject, row.reason) for row in rows]


async def test_the_list_shows_what_stands_where_and_hides_values(reader):
    person = new_id()
    first = counted(data={"step": 1, "person": str(person), "amount_fen": 60000, "kind": "work", "notes": ["a", None]})
    second = counted(first.subject, 2)
    await reader.consumer.apply([first, second])
    async with reader.program.unit(OPERATOR) as unit:
        shown = await list_parked(unit)
        assert [(one.event_id, one.state) for one in shown] == [(first.id, "failed"), (second.id, "behind")]
        assert shown[0].data == {
            "step": MASK, "person": str(person), "amount_fen": MASK, "kind": MASK, "notes": [MASK, None]
        }  # fmt: skip
        assert [one.event_id for one in await list_parked(unit, states=["behind"])] == [second.id]
        assert await list_parked(unit, consumer="other") == []
        assert [one.event_id for one in await list_parked(unit, limit=1)] == [first.id]
        assert [one.event_id for one in await list_parked(unit, after=shown[0].position)] == [second.id]
    assert await audit_of(reader.program) == []


async def test_values_are_shown_for_a_purpose_only_and_that_is_audited(reader):
    event = counted()
    await reader.consumer.apply([event])
    async with reader.program.unit(OPERATOR) as unit:
        assert (await read_parked(unit, "reader", event.id)).data == {"step": MASK}
        assert (await read_parked(unit, "reader", event.id, unmask_for="查错 4711")).data == {"step": 1}
        with pytest.raises(InvalidInput):
            await read_parked(unit, "reader", event.id, unmask_for=" ")
    assert await audit_of(reader.program) == [("event.unmask", event.id, OPERATOR.subject, "查错 4711")]


async def test_another_area_has_no_such_event(reader):
    event = counted()
    await reader.consumer.apply([event])
    stranger = officer(Role.TOWN_OFFICER, 610999102000)
    async with reader.program.unit(stranger) as unit:
        assert await list_parked(unit) == []
        for step in (read_parked, retry_parked):
            with pytest.raises(NotFound):
                await step(unit, "reader", event.id)
        with pytest.raises(NotFound):
            await drop_parked(unit, "reader", event.id, reason="不是我的")


async def test_a_retry_gives_a_dead_event_all_its_tries_back(reader):
    event = counted()
    await reader.consumer.apply([event])
    await die(reader)
    reader.before = tally._nothing
    async with reader.program.unit(OPERATOR) as unit:
        assert (await read_parked(unit, "reader", event.id)).state == "dead"
        await retry_parked(unit, "reader", event.id)
        found = await read_parked(unit, "reader", event.id)
        assert (found.state, found.tries) == ("failed", 0)
    await ParkedRetrier(reader.program, [reader.consumer]).round()
    assert await reader.versions() == {event.subject: [1]}
    assert await audit_of(reader.program) == [("event.retry", event.id, OPERATOR.subject, None)]


async def test_an_event_behind_another_is_not_retried_out_of_turn(reader):
    first = counted()
    second = counted(first.subject, 2)
    await reader.consumer.apply([first, second])
    async with reader.program.unit(OPERATOR) as unit:
        with pytest.raises(StateRefused, match="earlier event"):
            await retry_parked(unit, "reader", second.id)


async def test_a_dropped_event_never_comes_back_and_its_key_goes_on(reader):
    first = counted()
    second = counted(first.subject, 2, region=OTHER_TOWN_VILLAGE)
    await reader.consumer.apply([first, second])
    await die(reader)
    town = officer(Role.SYSTEM_ADMINISTRATOR, 610999101000)
    async with reader.program.unit(town) as unit:
        await drop_parked(unit, "reader", first.id, reason="重复登记")
    reader.before = tally._nothing
    await reader.consumer.apply([first])
    await ParkedRetrier(reader.program, [reader.consumer]).round()
    assert await reader.versions() == {first.subject: [2]}
    assert await audit_of(reader.program) == [("event.drop", first.id, town.subject, "重复登记")]


async def test_an_event_from_the_middle_of_a_key_can_be_dropped(reader):
    first = counted()
    later = [counted(first.subject, version) for version in (2, 3)]
    await reader.consumer.apply([first, *later])
    async with reader.program.unit(OPERATOR) as unit:
        await drop_parked(unit, "reader", later[0].id, reason="作废")
        assert [(one.aggregate_version, one.state) for one in await list_parked(unit)] == [(1, "failed"), (3, "behind")]


@pytest.mark.parametrize("reason", ["", "  ", "长" * 501])
async def test_a_drop_needs_a_reason(reader, reason):
    event = counted()
    await reader.consumer.apply([event])
    async with reader.program.unit(OPERATOR) as unit:
        with pytest.raises(InvalidInput):
            await drop_parked(unit, "reader", event.id, reason=reason)
        assert len(await list_parked(unit)) == 1


def test_masking_keeps_ids_and_structure_and_nothing_else():
    one = str(new_id())
    assert mask({"a": {"b": [one, 5, True, None, "610999"]}}) == {"a": {"b": [one, MASK, MASK, None, MASK]}}
    assert mask("0" * 32) == MASK  # parses as a UUID, but is not written as one
