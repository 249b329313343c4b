"""Let cases follow households that moved, and look afresh at one that came back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, text, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import Aggregate
from services.monitoring.cases.actions.course import keep_courses
from services.monitoring.cases.actions.leaving import waits_to_leave
from services.monitoring.cases.actions.publish import close_lists, hang_there
from services.monitoring.cases.actions.stepping import KIND, history
from services.monitoring.cases.actions.taken import Taken
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
from services.monitoring.clues.actions.raising import raise_clue
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.codes.clues import Channel

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
_WAITS: Final = (
    update(CASE)
    .where(CASE.c.id == bindparam("case"))
    .values({name: bindparam(name) for name in ("step", "holder", "due_on")})
)
# A village's own papers go along once none of their cases is left behind: whoever has the case reads them.
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

    State and clock stay: whoever has the household has its case; only who is shown anew on the way out has other days.
    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    moved = (await unit.connection.execute(_MOVED, {"households": list(households)})).all()
    if not moved:
        return
    cases = {"cases": [row.id for row in moved]}
    for statement in _OF_CASES:
        await unit.connection.execute(statement, cases)
    await keep_courses(unit, cases["cases"])
    for kind, statement in _OF_VILLAGES.items():
        for row in await unit.connection.execute(statement, cases):
            aggregate = Aggregate(kind, row.id, row.region, row.version, left_region=row.left_region)
            unit.record(f"{kind}.move", aggregate, fields=["region"])
    hang_anew = await hang_there(unit, moved)
    await close_lists(unit, cases["cases"])
    today = unit.clock.today()
    entries, shown = [], []
    for row in moved:
        details = {"from": row.left_region, "to": row.region}
        step = Taken(row=row, action=CaseAction.MOVE, on=today, target=CaseState(row.state), details=details)
        entries.append(history(unit, step, row, row.state))
        shown += [step] if row.id in hang_anew else []
        aggregate = Aggregate(KIND, row.id, row.region, row.version, left_region=row.left_region)
        unit.record("case.move", aggregate, fields=["region"])
    await unit.connection.execute(insert(STEP), entries)
    waiting = [{"case": case, **waits} for case, waits in (await waits_to_leave(unit, shown)).items()]
    if waiting:
        await unit.connection.execute(_WAITS, waiting)


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
