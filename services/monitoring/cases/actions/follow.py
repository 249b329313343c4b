"""Let cases follow households that moved, and settle what becomes of one when its household splits or merges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import Aggregate
from services.monitoring.cases.actions.end import stop_monitoring
from services.monitoring.cases.actions.publish import hang_there, take_down
from services.monitoring.cases.actions.register import said_of, tell_registry
from services.monitoring.cases.actions.stepping import KIND, Taken, history, take
from services.monitoring.cases.comparing import end_comparison
from services.monitoring.cases.queries.rows import (
    CASE,
    LINE,
    NOTICE,
    OBJECTION,
    SIGNATURE,
    STEP,
    VERIFICATION,
    VOTE,
    case_row,
    previous_cases,
)
from services.monitoring.cases.rules.states import how_far
from services.monitoring.cases.tables import OPEN_SQL
from services.monitoring.clues.actions.raising import raise_clue
from services.monitoring.clues.queries.listing import CLUE
from services.monitoring.codes.cases import CaseAction, CaseState, NaturalEndReason
from services.monitoring.codes.clues import Channel
from services.monitoring.households.known_areas import thresholds_at

_OPEN: Final = text(OPEN_SQL)
_CAME_BACK: Final = "自然减少后迁回，原个案已终结，请重新研判。"
_MOVED: Final = text(
    """
    WITH moved AS MATERIALIZED (
        SELECT own.id, own.region AS left_region, household.region
        FROM monitoring_case AS own JOIN household ON household.id = own.household_id
        WHERE household.id = ANY(CAST(:households AS uuid[])) AND own.region <> household.region
    )
    UPDATE monitoring_case AS own
    SET region = moved.region, version = own.version + 1, step_count = own.step_count + 1
    FROM moved WHERE moved.id = own.id RETURNING own.*, moved.left_region
    """
)
_OF_CASES: Final = tuple(
    text(
        f"UPDATE {table.name} AS own SET region = moved.region FROM monitoring_case AS moved"  # noqa: S608 - our names
        " WHERE own.case_id = moved.id AND moved.id = ANY(CAST(:cases AS uuid[])) AND own.region <> moved.region"
    )
    for table in (STEP, VERIFICATION, SIGNATURE, NOTICE, VOTE, LINE, OBJECTION)
)
# A village's own papers go along only when the village itself did: then none of their cases is left behind.
_OF_VILLAGES: Final = {
    paper: text(
        f"""
        UPDATE {paper} AS own
        SET region = (SELECT min(of.region) FROM {cases} AS of WHERE of.{key} = own.id), version = own.version + 1
        WHERE own.id IN (SELECT {key} FROM {cases} WHERE case_id = ANY(CAST(:cases AS uuid[])))
          AND NOT EXISTS (SELECT FROM {cases} AS of WHERE of.{key} = own.id AND of.region = own.region)
        RETURNING own.id, own.region, own.version, old.region AS left_region
        """  # noqa: S608 - our names
    )
    for paper, cases, key in (
        ("case_meeting", "case_vote", "meeting_id"),
        ("public_list", "public_list_line", "list_id"),
    )
}


async def cases_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring the cases of ``households``, and all that hangs on them, to where these are managed now.

    State and clock stay: whoever has the household has its case. ``unit`` must reach both sides of the move. Call it
    after the households have their new division.
    """
    moved = (await unit.connection.execute(_MOVED, {"households": list(households)})).all()
    if not moved:
        return
    cases = {"cases": [row.id for row in moved]}
    for statement in _OF_CASES:
        await unit.connection.execute(statement, cases)
    for kind, statement in _OF_VILLAGES.items():
        for row in await unit.connection.execute(statement, cases):
            aggregate = Aggregate(kind, row.id, row.region, row.version, left_region=row.left_region)
            unit.record(f"{kind}.move", aggregate, fields=["region"])
    await hang_there(unit, moved)
    today = unit.clock.today()
    entries = []
    for row in moved:
        details = {"from": row.left_region, "to": row.region}
        step = Taken(row=row, action=CaseAction.MOVE, on=today, target=CaseState(row.state), details=details)
        entries.append(history(unit, step, row, row.state))
        aggregate = Aggregate(KIND, row.id, row.region, row.version, left_region=row.left_region)
        unit.record("case.move", aggregate, fields=["region"])
    await unit.connection.execute(insert(STEP), entries)


async def cases_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> None:
    """After a merger: one open case goes on for ``household``, and no household loses its monitoring by it.

    Where both have one, that which is further along survives: who is registered stays so from day to day. The other
    ends with the household that it was of; its clues, and what the register says of its risks, join the survivor.
    """
    [ending, kept] = [await _open_case(unit, one) for one in (left, household)]
    if ending is None:
        return
    if kept is None:
        await _registered_there(unit, await _goes_on_for(unit, ending, household))
        return
    comes_along = _how_far(ending) > _how_far(kept)
    survivor, over = (ending, kept) if comes_along else (kept, ending)
    await _end_merged(unit, over, into=survivor)
    if comes_along:
        survivor = await _goes_on_for(unit, survivor, household)
    else:
        await stop_monitoring(unit, over, "natural_end", on=unit.clock.today())
    joined = Taken(
        row=survivor,
        action=CaseAction.JOIN,
        on=unit.clock.today(),
        details={"from": over.id},
        values=await _risks_of_both(unit, survivor, over),
    )
    [case] = await take(unit, [joined])
    await _registered_there(unit, case)


def _how_far(row: Any) -> tuple[int, int]:
    return how_far(CaseState(row.state), returned_to=row.returned_to and CaseState(row.returned_to))


async def _end_merged(unit: UnitOfWork, over: Any, *, into: Any) -> None:
    """The open case ``over`` ends, since ``into`` goes on for its people; its clues are that one's."""
    today = unit.clock.today()
    await take_down(unit, [over.id], counts=True)
    step = Taken(
        row=over,
        action=CaseAction.END_NATURALLY,
        on=today,
        reason=NaturalEndReason.MERGED.value,
        details={"into": into.id},
        values={"ended_on": today},
    )
    [ended] = await take(unit, [step])
    await end_comparison(unit, ended)
    clues = update(CLUE).where(CLUE.c.case_id == over.id, CLUE.c.state == "in_case")
    await unit.connection.execute(clues.values(case_id=into.id))


async def _risks_of_both(unit: UnitOfWork, survivor: Any, over: Any) -> dict[str, Any]:
    """The columns that take in the risks of ``over``, where the register says both: each has its measure until it is
    eliminated. An area's most are named at most, those of the survivor first."""
    if survivor.registered_on is None or over.registered_on is None:
        return {}
    most = (await thresholds_at(unit, survivor.region)).risks_max
    return {
        "risks": list(dict.fromkeys([*survivor.risks, *over.risks]))[:most],
        "disaster_kind": survivor.disaster_kind or over.disaster_kind,
        "risk_note": survivor.risk_note or over.risk_note,
    }


async def _goes_on_for(unit: UnitOfWork, row: Any, household: UUID) -> Any:
    """The open case ``row`` of a household that ended, as that of the one that its people joined.

    The one that ended is monitored no longer, and counted once, not twice.
    """
    today = unit.clock.today()
    await stop_monitoring(unit, row, "merged", on=today)
    previous = (await previous_cases(unit, [household])).get(household, row.previous_case_id)
    moved = Taken(
        row=row,
        action=CaseAction.CHANGE_HOUSEHOLD,
        on=today,
        details={"from": row.household_id, "to": household},
        values={"household_id": str(household), "previous_case_id": previous and str(previous)},
    )
    await take(unit, [moved])
    await cases_follow(unit, [household])
    return await case_row(unit, row.id)


async def _registered_there(unit: UnitOfWork, case: Any) -> None:
    """What the register says of an open case, its household shows, from today on."""
    if case.registered_on is not None and case.monitoring_type is not None:
        today = unit.clock.today()
        await tell_registry(unit, case, said_of(case, registered_on=case.registered_on, since=today), on=today)


async def looked_at_afresh(unit: UnitOfWork, household: Any) -> None:
    """A household came back: where its last case ended naturally, somebody has to judge anew whether it needs help.

    That case is over, and the facts that stand in it raise no clue of their own again. An open one has waited.
    """
    last = (await previous_cases(unit, [household.id])).get(household.id)
    if last is None or (await case_row(unit, last)).state != CaseState.NATURAL_END:
        return
    await raise_clue(
        unit,
        household,
        kind="cadre_report",
        channel=Channel.CADRE_SURVEY.value,
        hit_on=unit.clock.today(),
        description=_CAME_BACK,
    )


async def case_split(unit: UnitOfWork, *, household: UUID, other: UUID) -> None:
    """After a split the case stays with those who stay, and its history says who left; ``other`` has none yet."""
    row = await _open_case(unit, household)
    if row is not None:
        details = {"split_off": other}
        await take(unit, [Taken(row=row, action=CaseAction.CHANGE_HOUSEHOLD, on=unit.clock.today(), details=details)])


async def _open_case(unit: UnitOfWork, household: UUID) -> Any:
    statement = select(CASE).where(
        CASE.c.household_id == household, CASE.c.region.between(unit.area.lo, unit.area.hi), _OPEN
    )
    return (await unit.connection.execute(statement.with_for_update())).one_or_none()
