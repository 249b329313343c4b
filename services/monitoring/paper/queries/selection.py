"""Find the households that a request means."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound
from chassis.security.scope import Area
from services.monitoring.cases.queries.rows import CASE, LINE, LIST, MEETING, VOTE
from services.monitoring.cases.rules.states import ENDED
from services.monitoring.households.queries.listing import narrowed
from services.monitoring.households.tables import Household
from services.monitoring.paper.schemas import ANSWERED_MAX, HOUSEHOLDS_MAX, PaperSelection

HOUSEHOLD: Final = rows(Household)
_WAYS: Final = ("household_ids", "case_ids", "region", "meeting_id", "list_id")
_ONE_WAY: Final = Message(
    "请在 household_ids、case_ids、region、meeting_id、list_id 中填写一项，且只填一项。",
    "Give exactly one of household_ids, case_ids, region, meeting_id and list_id.",
)
_TOO_MANY: Final = {
    HOUSEHOLDS_MAX: Message(
        f"一份文件至多 {HOUSEHOLDS_MAX} 户，请按村或分批打印。",
        f"A file has at most {HOUSEHOLDS_MAX} households; print by village, or in parts.",
    ),
    ANSWERED_MAX: Message(
        f"直接打印至多 {ANSWERED_MAX} 户，更多的请提交打印任务（/paper-files），完成后可反复下载。",
        f"At most {ANSWERED_MAX} households are printed at once; ask for a file (/paper-files) and fetch it then.",
    ),
}
_NOBODY: Final = Message("该范围内没有可打印的户。", "There is no household to print for.")


async def selected_households(
    unit: UnitOfWork, wanted: PaperSelection, *, households_max: int = HOUSEHOLDS_MAX
) -> list[Any]:
    """The rows of the households, by id.

    :param households_max: how many there may be: those of a file, or of one that somebody waits for.

    :raises InvalidInput: unless they are named in exactly one way; if there are none, or too many for one file.
    :raises NotFound: if what is named does not lie in the caller's area.
    """
    given = [name for name in _WAYS if getattr(wanted, name) is not None]
    if len(given) != 1:
        raise InvalidInput(faults=[Fault("", "one_selection", _ONE_WAY)])
    statement, expected = await _selection(unit, wanted)
    found = (
        await unit.connection.execute(
            select(HOUSEHOLD)
            .where(HOUSEHOLD.c.id.in_(statement), HOUSEHOLD.c.region.between(unit.area.lo, unit.area.hi))
            .order_by(HOUSEHOLD.c.region, HOUSEHOLD.c.id)
            .limit(households_max + 1)
        )
    ).all()
    if expected is not None and len(found) < expected:
        raise NotFound
    pointer = f"/{given[0]}"
    if len(found) > households_max:
        raise InvalidInput(faults=[Fault(pointer, "too_many_households", _TOO_MANY[households_max])])
    if not found:
        raise InvalidInput(faults=[Fault(pointer, "no_household", _NOBODY)])
    return list(found)


async def _selection(unit: UnitOfWork, wanted: PaperSelection) -> tuple[Select[Any], int | None]:
    """The households' ids, and how many of them there must be."""
    if wanted.household_ids is not None:
        named = select(HOUSEHOLD.c.id).where(HOUSEHOLD.c.id.in_(wanted.household_ids))
        return named, len(wanted.household_ids)
    cases = select(CASE.c.household_id).where(_within(CASE, unit.area))
    if wanted.case_ids is not None:
        of_cases = cases.where(CASE.c.id.in_(wanted.case_ids))
        known = set((await unit.connection.execute(of_cases.with_only_columns(CASE.c.id))).scalars())
        if len(known) < len(wanted.case_ids):
            raise NotFound
        return of_cases, None
    if wanted.region is not None:
        area = narrowed(unit, wanted.region)
        return cases.where(_within(CASE, area), CASE.c.state.not_in([state.value for state in ENDED])), None
    if wanted.meeting_id is not None:
        await _must_be_there(unit, MEETING, wanted.meeting_id)
        return cases.where(CASE.c.id.in_(select(VOTE.c.case_id).where(VOTE.c.meeting_id == wanted.meeting_id))), None
    assert wanted.list_id is not None
    await _must_be_there(unit, LIST, wanted.list_id)
    return cases.where(CASE.c.id.in_(select(LINE.c.case_id).where(LINE.c.list_id == wanted.list_id))), None


async def _must_be_there(unit: UnitOfWork, table: Any, wanted: UUID) -> None:
    statement = select(table.c.id).where(table.c.id == wanted, _within(table, unit.area))
    if (await unit.connection.execute(statement)).first() is None:
        raise NotFound


def _within(table: Any, area: Area) -> Any:
    return table.c.region.between(area.lo, area.hi)
