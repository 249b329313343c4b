"""Settle what becomes of a case, and of what follows an elimination, as its household merges or splits (clause B8)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, select, text, update

from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.cases.actions.end import stop_monitoring
from services.monitoring.cases.actions.follow import cases_follow
from services.monitoring.cases.actions.publish import close_lists, take_down
from services.monitoring.cases.actions.register import said_of, write_monitoring
from services.monitoring.cases.actions.stepping import take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.queries.rows import CASE, IS_FOLLOWED, case_row, previous_cases
from services.monitoring.cases.rules.states import FOLLOWED, ON_REGISTER, how_far
from services.monitoring.cases.tables import OPEN_SQL
from services.monitoring.clues.actions.raising import raise_clue
from services.monitoring.clues.queries.listing import CLUE
from services.monitoring.codes.cases import CaseAction, CaseState, NaturalEndReason
from services.monitoring.codes.clues import Channel
from services.monitoring.codes.monitoring import EliminationMode
from services.monitoring.households.known_areas import thresholds_at
from services.monitoring.households.queries.one import household_row
from services.monitoring.households.rules.dates import months_after
from services.monitoring.parameters import book_of
from services.monitoring.visits.duties import FOLLOW_UP_MONTHS

_OPEN: Final = text(OPEN_SQL)
_SPLIT_OFF: Final = "从监测户中分出，原个案与回访留在原户，请研判新户是否需要帮扶。"


async def cases_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> None:
    """After a merger: one open case goes on for ``household``, and no household loses its monitoring, or the visits
    that follow an elimination, by it; which are due, the caller works out afterwards."""
    await _open_cases_join(unit, left=left, household=household)
    await _follow_up_joins(unit, left=left, household=household)


async def _open_cases_join(unit: UnitOfWork, *, left: UUID, household: UUID) -> None:
    """Where both have an open case, that which is further along survives: who is registered stays so from day to day.

    The other ends with the household that it was of; its clues, and what the register says of its risks, join the
    survivor.
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
        values={"ended_on": today, "merged_into": str(into.id)},
    )
    [ended] = await take(unit, [step])
    await close_lists(unit, [ended.id])
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
    await stop_monitoring(unit, row, "merged", on=unit.clock.today())
    previous = (await previous_cases(unit, [household])).get(household, row.previous_case_id)
    return await _with(unit, row, household, previous_case_id=previous and str(previous))


async def _registered_there(unit: UnitOfWork, case: Any) -> None:
    """What the register says of an open case, its household shows, from today on."""
    if case.registered_on is not None and case.monitoring_type is not None:
        today = unit.clock.today()
        said = said_of(case, registered_on=case.registered_on, since=today)
        await write_monitoring(unit, case, said, on=today, prevails=True)


async def _follow_up_joins(unit: UnitOfWork, *, left: UUID, household: UUID) -> None:
    """Who was followed up goes on being so in ``household``, until the end that the later elimination has.

    A household that is monitored is visited and updated as such: there the case of those who came ends, and names the
    one that goes on. Of two eliminations the earlier one's case ends so.
    """
    case = await _followed_case(unit, left)
    if case is None:
        return
    today = unit.clock.today()
    await stop_monitoring(unit, case, "merged", on=today)
    shown = await household_row(unit, household)
    monitored = shown.monitoring_type is not None
    if monitored and (shown.eliminated_on is None or shown.eliminated_on >= case.eliminated_on):
        await _left_behind(unit, case, await _monitored_by(unit, household), household)
        return
    earlier = await _followed_case(unit, household)
    case = await _with(unit, case, household)
    if earlier is not None:
        await _left_behind(unit, earlier, case, household)
        case = await case_row(unit, case.id)
    said = said_of(
        case,
        registered_on=case.registered_on,
        since=today,
        eliminated_on=case.eliminated_on,
        elimination_mode=case.elimination_mode and EliminationMode(case.elimination_mode),
    )
    await write_monitoring(unit, case, said, on=today, prevails=True)
    relapse = await _open_case(unit, household)
    if relapse is not None and relapse.previous_case_id is None:
        step = Taken(
            row=relapse,
            action=CaseAction.CHANGE_HOUSEHOLD,
            on=today,
            details={"previous": case.id},
            values={"previous_case_id": str(case.id)},
        )
        await take(unit, [step])


async def _monitored_by(unit: UnitOfWork, household: UUID) -> Any:
    """The case by which a household is monitored or followed up; None where facts alone say so."""
    followed = await _followed_case(unit, household)
    return followed or await _case_of(unit, household, CASE.c.state.in_([one.value for one in ON_REGISTER]))


async def _left_behind(unit: UnitOfWork, case: Any, survivor: Any, household: UUID) -> None:
    """The followed ``case`` ends, since ``survivor`` goes on for its people in ``household``; each names the other."""
    today = unit.clock.today()
    over = Taken(
        row=case,
        action=CaseAction.MERGE,
        on=today,
        reason=NaturalEndReason.MERGED.value,
        details={"into": household if survivor is None else survivor.id},
        values={"ended_on": today, "merged_into": None if survivor is None else str(survivor.id)},
    )
    steps = [over]
    if survivor is not None:
        named = {"from": case.id}
        steps.append(Taken(row=survivor, action=CaseAction.CHANGE_HOUSEHOLD, on=today, details=named))
    await take(unit, steps)


async def _with(unit: UnitOfWork, case: Any, household: UUID, **values: Any) -> Any:
    """The case, as that of the household that its people joined."""
    details = {"from": case.household_id, "to": household}
    values |= {"household_id": str(household)}
    today = unit.clock.today()
    await take(unit, [Taken(row=case, action=CaseAction.CHANGE_HOUSEHOLD, on=today, details=details, values=values)])
    await cases_follow(unit, [household])
    return await case_row(unit, case.id)


async def case_split(unit: UnitOfWork, *, household: UUID, other: Any) -> None:
    """After a split the case stays with those who stay, and so do the visits after an elimination; its history says who
    left. Of those, somebody has to judge whether they need help on their own, if they were monitored or followed up.

    :param other: the household that began; it has no case yet.
    """
    row = await _open_case(unit, household) or await _followed_case(unit, household)
    if row is None:
        return
    today = unit.clock.today()
    details = {"split_off": other.id}
    await take(unit, [Taken(row=row, action=CaseAction.CHANGE_HOUSEHOLD, on=today, details=details)])
    if CaseState(row.state) in ON_REGISTER or await _still_followed(unit, row):
        await raise_clue(
            unit,
            other,
            kind="cadre_report",
            channel=Channel.CADRE_SURVEY.value,
            hit_on=today,
            description=_SPLIT_OFF,
        )


async def _still_followed(unit: UnitOfWork, row: Any) -> bool:
    if row.state not in FOLLOWED:
        return False
    today = unit.clock.today()
    months = (await book_of(unit, row.region)).integer(FOLLOW_UP_MONTHS, region=row.region, on=today)
    return not months or months_after(row.eliminated_on, months) > today


async def _open_case(unit: UnitOfWork, household: UUID) -> Any:
    return await _case_of(unit, household, _OPEN)


async def _followed_case(unit: UnitOfWork, household: UUID) -> Any:
    """The case by whose elimination a household is followed up; None if it is on the register, or never was."""
    eliminated_on = (await household_row(unit, household)).eliminated_on
    if eliminated_on is None:
        return None
    return await _case_of(unit, household, and_(IS_FOLLOWED, CASE.c.eliminated_on == eliminated_on))


async def _case_of(unit: UnitOfWork, household: UUID, which: Any) -> Any:
    statement = select(CASE).where(
        CASE.c.household_id == household, CASE.c.region.between(unit.area.lo, unit.area.hi), which
    )
    latest = statement.order_by(CASE.c.id.desc()).limit(1)
    return (await unit.connection.execute(latest.with_for_update())).one_or_none()
