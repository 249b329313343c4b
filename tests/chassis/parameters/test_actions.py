"""Two persons change a value; the tables refuse two values at one time; seeds never overwrite."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.errors import InvalidInput, Message, NotAllowed, NotFound, StateRefused, VersionStale
from chassis.parameters.actions import (
    ParameterOverlaps,
    approve_parameter,
    propose_parameter,
    withdraw_parameter,
)
from chassis.parameters.catalogue import Catalogue, Default, Definition, ParameterType, UnknownParameter
from chassis.parameters.reader import ParameterMissing, ParameterReader
from chassis.parameters.rules import ParameterRow, ParameterState
from chassis.parameters.schemas import ParameterCreate
from chassis.parameters.seeding import Seeded, seed_parameters
from chassis.program import Program
from chassis.security.scope import Actor, Area, Role, program
from chassis.testing.programs import COUNTY, VILLAGE, officer

KEY = "cases.verify.days"
PROVINCE = 610000000000
DEFAULT = Default(3, "国家部门指导意见", date(2021, 5, 14))


def make_catalogue(*defaults: Default) -> Catalogue:
    meaning = Message("核实期限", "Days to verify a clue")
    return Catalogue(
        [
            Definition(KEY, ParameterType.INTEGER, "天", meaning, minimum=1, maximum=60, defaults=defaults),
            Definition("lines.province", ParameterType.MONEY, "元", meaning),
        ]
    )


CATALOGUE = make_catalogue(DEFAULT)


class Desk:
    """Officers who set parameters of one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.one, self.other = officer(), officer()
        self.reader = ParameterReader(CATALOGUE)

    async def propose(self, value: int = 5, *, start: date = date(2024, 1, 1), actor: Actor | None = None, **more: Any):
        body = {"scope": str(COUNTY), "key": KEY, "effective_from": start, "source": "县发〔2024〕1号", **more}
        body["value"] = more.pop("typed", {"type": "integer", "value": value})
        body.pop("typed", None)
        async with self.program.unit(actor or self.one) as unit:
            return await propose_parameter(unit, CATALOGUE, ParameterCreate.model_validate(body))

    async def approve(self, row: ParameterRow, *, actor: Actor | None = None) -> ParameterRow:
        async with self.program.unit(actor or self.other) as unit:
            return await approve_parameter(unit, CATALOGUE, row.id, row.version)

    async def withdraw(self, row: ParameterRow, actor: Actor) -> ParameterRow:
        async with self.program.unit(actor) as unit:
            return await withdraw_parameter(unit, row.id, row.version, reason="文件废止")

    async def seed(self, catalogue: Catalogue = CATALOGUE) -> Seeded:
        actor = program("parameters", COUNTY)
        async with self.program.unit(actor, area=Area.everywhere()) as unit:
            return await seed_parameters(unit, catalogue)

    async def value(self, on: date, *, region: int = VILLAGE) -> int | None:
        async with self.program.unit(officer(Role.VILLAGE_CADRE, VILLAGE)) as unit:
            book = await self.reader.book(unit.connection, region)
        try:
            return book.integer(KEY, region=region, on=on)
        except ParameterMissing:
            return None


@pytest.fixture
def desk(make_program) -> Desk:
    return Desk(make_program())


async def test_a_value_holds_once_a_second_person_approves_it(desk):
    row = await desk.propose(5)
    assert await desk.value(date(2024, 6, 3)) is None
    await desk.approve(row)
    assert await desk.value(date(2024, 6, 3)) == 5
    assert await desk.value(date(2023, 12, 31)) is None


async def test_the_proposer_cannot_approve_not_even_in_another_post(desk):
    row = await desk.propose()
    same_person = Actor(desk.one.subject, officer(Role.PROVINCE_OFFICER, PROVINCE).assignment)
    with pytest.raises(StateRefused) as refused:
        await desk.approve(row, actor=same_person)
    assert [fault.code for fault in refused.value.faults] == ["self_approval"]
    assert await desk.value(date(2024, 6, 3)) is None


async def test_the_level_above_may_approve_where_a_county_has_one_officer(desk):
    row = await desk.propose()
    approved = await desk.approve(row, actor=officer(Role.PROVINCE_OFFICER, PROVINCE))
    assert approved.state is ParameterState.ACTIVE


async def test_the_table_itself_refuses_one_person_in_both_parts(desk):
    row = await desk.propose()
    statement = text("UPDATE parameter SET state = 'active', approved_by = proposed_by, approved_at = proposed_at")
    with pytest.raises(IntegrityError, match="two_persons_set"):
        async with desk.program.unit(desk.other) as unit:
            await unit.connection.execute(statement)
    assert row.state is ParameterState.PROPOSED


async def test_the_most_specific_value_wins_and_a_village_reads_what_its_province_set(desk):
    await desk.seed()
    assert await desk.value(date(2024, 6, 3)) == 3
    province = officer(Role.PROVINCE_OFFICER, PROVINCE)
    row = await desk.propose(4, actor=province, scope=str(PROVINCE))
    await desk.approve(row, actor=officer(Role.PROVINCE_OFFICER, PROVINCE))
    assert await desk.value(date(2024, 6, 3)) == 4
    await desk.approve(await desk.propose(5))
    assert await desk.value(date(2024, 6, 3)) == 5
    assert await desk.value(date(2024, 6, 3), region=PROVINCE) == 4


async def test_a_new_open_value_ends_the_one_before_and_its_withdrawal_lets_that_hold_on(desk):
    await desk.approve(await desk.propose(5))
    follower = await desk.approve(await desk.propose(6, start=date(2024, 7, 1)))
    assert [await desk.value(day) for day in (date(2024, 6, 30), date(2024, 7, 1))] == [5, 6]
    asked = await desk.withdraw(follower, desk.one)
    assert await desk.value(date(2024, 7, 1)) == 6
    with pytest.raises(StateRefused):
        await desk.withdraw(asked, desk.one)
    gone = await desk.withdraw(asked, desk.other)
    assert gone.state is ParameterState.WITHDRAWN
    assert await desk.value(date(2024, 7, 1)) == 5


async def test_a_withdrawal_in_the_middle_leaves_no_gap(desk):
    await desk.approve(await desk.propose(5))
    middle = await desk.approve(await desk.propose(6, start=date(2024, 4, 1)))
    await desk.approve(await desk.propose(7, start=date(2024, 7, 1)))
    async with desk.program.unit(desk.one) as unit:
        version = (
            await unit.connection.execute(text("SELECT version FROM parameter WHERE id = :id"), {"id": middle.id})
        ).scalar_one()
    with pytest.raises(VersionStale):
        await desk.withdraw(middle, desk.one)
    async with desk.program.unit(desk.one) as unit:
        asked = await withdraw_parameter(unit, middle.id, version, reason="文件废止")
    await desk.withdraw(asked, desk.other)
    days = [date(2024, 3, 31), date(2024, 5, 1), date(2024, 6, 30), date(2024, 7, 1)]
    assert [await desk.value(day) for day in days] == [5, 5, 5, 7]


async def test_a_value_for_a_while_over_an_open_one_is_refused_with_the_period(desk):
    await desk.approve(await desk.propose(5))
    row = await desk.propose(6, start=date(2024, 7, 1), effective_to=date(2024, 7, 31))
    with pytest.raises(ParameterOverlaps) as refused:
        await desk.approve(row)
    assert "from 2024-01-01 to further notice" in refused.value.faults[0].message.en


async def test_the_table_itself_refuses_two_values_at_one_time(desk):
    await desk.approve(await desk.propose(5))
    row = await desk.propose(6)
    statement = text("UPDATE parameter SET state = 'active', approved_by = 'x', approved_at = now() WHERE id = :id")
    with pytest.raises(IntegrityError, match="ex_parameter_one_value_at_a_time"):
        async with desk.program.unit(desk.other) as unit:
            await unit.connection.execute(statement, {"id": row.id})


async def test_of_two_approvals_at_once_one_holds(desk):
    rows = [await desk.propose(value) for value in (5, 6, 7)]
    outcomes = await asyncio.gather(*(desk.approve(row) for row in rows), return_exceptions=True)
    assert sum(isinstance(outcome, ParameterRow) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ParameterOverlaps) for outcome in outcomes) == 2


async def test_every_fault_of_a_proposal_is_named(desk):
    with pytest.raises(InvalidInput) as refused:
        await desk.propose(99, scope=str(PROVINCE), effective_to=date(2023, 1, 1))
    assert [fault.pointer for fault in refused.value.faults] == ["/scope", "/effective_to", "/value"]
    with pytest.raises(InvalidInput) as refused:
        await desk.propose(typed={"type": "text", "value": "三天"})
    assert [fault.code for fault in refused.value.faults] == ["parameter_value"]
    with pytest.raises(InvalidInput) as refused:
        await desk.propose(typed={"type": "money", "value": "0.05"})
    assert [fault.code for fault in refused.value.faults] == ["parameter_type"]


async def test_an_unknown_key_is_refused(desk):
    with pytest.raises(UnknownParameter):
        await desk.propose(key="no.such.key")


async def test_values_of_others_are_out_of_reach(desk):
    await desk.seed()
    row = await desk.propose()
    with pytest.raises(NotFound):
        await desk.approve(row, actor=officer(region=610998000000))
    national = Definition(KEY, ParameterType.INTEGER, "天", Message("", "")).default_id(DEFAULT)
    async with desk.program.unit(desk.one) as unit:
        with pytest.raises(NotAllowed):
            await withdraw_parameter(unit, national, 1, reason="不适用")


async def test_each_step_leaves_an_audit_entry_with_its_actor_and_fields(desk):
    row = await desk.approve(await desk.propose())
    async with desk.program.unit(desk.one) as unit:
        statement = text("SELECT action, subject, version FROM audit_entry WHERE entity_id = :id ORDER BY id")
        entries = [tuple(entry) for entry in await unit.connection.execute(statement, {"id": row.id})]
    assert entries == [("parameter.proposed", desk.one.subject, 1), ("parameter.approved", desk.other.subject, 2)]


async def test_seeds_come_once_whoever_starts_first(desk):
    assert sum(one.inserted for one in await asyncio.gather(*(desk.seed() for _ in range(4)))) == 1
    assert (await desk.seed()).inserted == 0


async def test_a_later_releases_default_follows_the_earlier_one(desk):
    await desk.seed()
    later = make_catalogue(DEFAULT, Default(4, "新规定", date(2025, 1, 1)))
    assert (await desk.seed(later)).inserted == 1
    assert (await desk.seed(later)).inserted == 0
    assert [await desk.value(day) for day in (date(2024, 12, 31), date(2025, 1, 1))] == [3, 4]


async def test_a_default_stands_aside_for_what_people_set(desk):
    await desk.approve(await desk.propose(5))
    local = make_catalogue(Default(4, "新规定", date(2025, 1, 1), scope=COUNTY))
    assert await desk.seed(local) == Seeded(0, (f"{KEY} from 2025-01-01",))
    assert await desk.value(date(2025, 1, 1)) == 5


async def test_a_missing_value_says_what_to_do_and_a_wrong_type_is_our_own_mistake(desk):
    async with desk.program.unit(desk.one) as unit:
        book = await desk.reader.book(unit.connection, VILLAGE)
    with pytest.raises(ParameterMissing) as refused:
        book.integer(KEY, region=VILLAGE, on=date(2024, 6, 3))
    assert "2024-06-03" in refused.value.faults[0].message.en
    with pytest.raises(TypeError):
        book.integer("lines.province", region=VILLAGE, on=date(2024, 6, 3))


async def test_the_reader_reads_rows_again_only_after_a_change(desk):
    await desk.approve(await desk.propose(5))

    async def book():
        async with desk.program.unit(desk.one) as unit:
            return await desk.reader.book(unit.connection, VILLAGE)

    first = await book()
    assert await book() is first
    await desk.approve(await desk.propose(6, start=date(2024, 7, 1)))
    assert await book() is not first
