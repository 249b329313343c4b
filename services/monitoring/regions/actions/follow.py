"""Let divisions follow one another on a day: the codes, and the households in them, in one audited operation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound
from chassis.identifiers import new_id
from chassis.security.scope import Area, level_of
from services.monitoring.codes.regions import SuccessionKind
from services.monitoring.regions.actions.carry import carry_scopes
from services.monitoring.regions.actions.recode import codes_in_use, recode_households
from services.monitoring.regions.queries.divisions import SUCCESSION, recorded_successions
from services.monitoring.regions.rules import (
    Division,
    RecodePlan,
    Succession,
    division_on,
    recode_plan,
    recoded,
    refusals_of_successions,
)
from services.monitoring.regions.schemas import SuccessionsCreate, SuccessionsResult, Undecided
from services.monitoring.regions.writing import division_of, rows_within, write_divisions

_AFTER_TODAY: Final = Message(
    "请在生效当日或之后录入。", "Enter it on its day or later: households move when it is entered."
)
_NAMED: Final = Message(
    "该区划已有名称，请去掉 successor_name，或选择更名。",
    "This division is on record; leave successor_name out, or say renamed.",
)
_OVER: Final = Message(
    "该新区划现已停用，农户不能迁入；请填写现行区划。",
    "This division is over by now and households cannot go there; give the one that it is today.",
)
_NO_NAME: Final = Message("更名须填写新名称。", "Give the new name.")


async def record_successions(unit: UnitOfWork, body: SuccessionsCreate) -> SuccessionsResult:
    """End the old codes, open the new ones, and re-code what lies in them from ``body.on`` on.

    A re-coded division takes everything below it along. Households of a split division stay where they are until they
    are told apart; the answer lists their codes.

    :raises NotFound: if one of the divisions lies outside the caller's area.
    :raises InvalidInput: with every rule that a row breaks.
    """
    for entry in body.successions:
        if not all(unit.area.covers(Area.of(code)) for code in (entry.predecessor, entry.successor)):
            raise NotFound
    unit.reason = body.reason
    successions = [Succession(entry.predecessor, entry.successor, entry.kind, body.on) for entry in body.successions]
    known = await rows_within(unit, {code for row in successions for code in (row.predecessor, row.successor)})
    divisions = [division_of(row) for row in known]
    named = _named(body)
    # Read behind the locks on the divisions: of two who enter one succession at once, the second finds the first's.
    recorded = await recorded_successions(unit, [row.predecessor for row in successions])
    refused = refusals_of_successions(successions, [*divisions, *named], recorded)
    faults = [*_name_faults(body, divisions), *_pointed(refused)]
    if body.on > unit.clock.today():
        faults.append(Fault("/on", "succession_after_today", _AFTER_TODAY))
    if faults:
        raise InvalidInput(faults=faults)

    predecessors = sorted({row.predecessor for row in successions})
    areas = [Area.of(code) for code in predecessors]
    used = await codes_in_use(unit, [area.lo for area in areas], [area.hi for area in areas])
    eve = body.on - timedelta(days=1)
    held = {d.code: d for d in divisions if d.holds_on(eve) and any(area.contains(d.code) for area in areas)}
    plan = recode_plan(sorted({*held, *used}), successions)
    homes = {plan.moved[code] for code in used if code in plan.moved}
    if over := _over(successions, [*divisions, *named], homes, unit.clock.today()):
        raise InvalidInput(faults=over)
    ended, opened = _turned(held, divisions, named, successions, plan)
    await _write(unit, ended, opened, known)
    await unit.connection.execute(
        insert(SUCCESSION),
        [
            {
                "id": new_id(),
                "predecessor": row.predecessor,
                "successor": row.successor,
                "kind": row.kind.value,
                "on_day": row.on,
                "reason": body.reason,
            }
            for row in successions
        ],
    )
    # Their events must follow the division's own, so that a reader knows the code before somebody lives there.
    await unit.write_records()
    moved = await recode_households(unit, plan.moved, on=body.on)
    await carry_scopes(unit, recoded(plan.moved, successions))
    return SuccessionsResult(
        on=body.on,
        divisions_ended=len(ended),
        divisions_opened=len(opened),
        households_moved=moved.households,
        persons_moved=moved.persons,
        undecided=[
            Undecided(code=code, may_go_to=list(choices), households=used.get(code, 0))
            for code, choices in sorted(plan.undecided.items())
        ],
    )


def _named(body: SuccessionsCreate) -> list[Division]:
    """The divisions that the request itself brings, each once."""
    names = {entry.successor: entry.successor_name for entry in body.successions if entry.successor_name is not None}
    return [Division(code, name, body.on) for code, name in sorted(names.items())]


def _name_faults(body: SuccessionsCreate, divisions: Sequence[Division]) -> list[Fault]:
    faults = []
    for place, entry in enumerate(body.successions):
        pointer = f"/successions/{place}/successor_name"
        renamed = entry.kind is SuccessionKind.RENAMED
        held = division_on(divisions, entry.successor, body.on) is not None
        given_up = any(other.predecessor == entry.successor for other in body.successions)
        if entry.successor_name is not None and held and not renamed and not given_up:
            faults.append(Fault(pointer, "succession_name_known", _NAMED))
        if renamed and entry.successor_name is None:
            faults.append(Fault(pointer, "succession_name_missing", _NO_NAME))
    return faults


def _over(
    successions: Sequence[Succession], divisions: Sequence[Division], homes: set[int], today: date
) -> list[Fault]:
    """Successors that are over by now, though households would go there; ``homes`` are the codes that these get."""
    return [
        Fault(f"/successions/{place}/successor", "succession_successor_over", _OVER)
        for place, row in enumerate(successions)
        if division_on(divisions, row.successor, today) is None and any(map(Area.of(row.successor).contains, homes))
    ]


def _pointed(faults: Sequence[Fault]) -> list[Fault]:
    return [replace(fault, pointer=f"/successions{fault.pointer}") for fault in faults]


def _turned(
    held: dict[int, Division],
    divisions: Sequence[Division],
    named: Sequence[Division],
    successions: Sequence[Succession],
    plan: RecodePlan,
) -> tuple[list[Division], list[Division]]:
    """The divisions that end on the eve, with their successors, and those that begin on the day."""
    on = successions[0].on
    eve = on - timedelta(days=1)
    split = {row.predecessor for row in successions if row.kind is SuccessionKind.SPLIT}
    # A part that bears the old code holds on under it, unless it is called otherwise from now on.
    split -= {row.successor for row in successions if row.successor == row.predecessor} - {one.code for one in named}
    renamed = {row.predecessor for row in successions if row.kind is SuccessionKind.RENAMED}
    ended = [
        replace(held[code], valid_to=eve, successor=plan.moved.get(code))
        for code in sorted({*plan.moved, *split, *renamed} & held.keys())
    ]
    begun = {division.code: division for division in named}
    ending = {division.code for division in ended}
    for old, new in sorted(plan.moved.items()):
        stands = division_on(divisions, new, on) is not None and new not in ending
        if new not in begun and not stands and old in held:
            begun[new] = Division(new, held[old].name, on)
    return ended, [division for _code, division in sorted(begun.items())]


async def _write(unit: UnitOfWork, ended: list[Division], opened: list[Division], known: Sequence[Any]) -> None:
    for level in sorted({level_of(division.code) for division in (*ended, *opened)}):
        changed = [division for division in (*ended, *opened) if level_of(division.code) is level]
        codes = {division.code for division in changed}
        rows_known = [row for row in known if row.code in codes]
        await write_divisions(unit, changed, rows_known, action="region.succeed")
