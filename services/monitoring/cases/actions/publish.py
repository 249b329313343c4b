"""Hang a list of reviewed households in their village, change it, and let it pass after its whole days (clause B8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, NotFound
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.cases.actions.stepping import ids_of, locked, refuse, step_faults, take
from services.monitoring.cases.actions.taken import Taken
from services.monitoring.cases.parameters import ELIMINATION_PUBLICITY_DAYS, PUBLICITY_DAYS
from services.monitoring.cases.queries.publicity import publicity_faults, show_list
from services.monitoring.cases.queries.rows import CASE, LINE, LIST, OBJECTION, case_rows, plan_of
from services.monitoring.cases.rules.guards import comparison_faults, fault
from services.monitoring.cases.rules.plan import Step
from services.monitoring.cases.rules.states import Purpose
from services.monitoring.cases.schemas.doing import PublicListChange, PublicListCreate, PublicListPass, PublicListRead
from services.monitoring.codes.cases import CaseAction, CaseState
from services.monitoring.parameters import book_of

KIND: Final = "public_list"
_PUBLISH: Final = {Purpose.ENTRY: CaseAction.PUBLISH, Purpose.ELIMINATION: CaseAction.ELIM_PUBLISH}
_OBJECTED: Final = (CaseState.OBJECTED.value, CaseState.ELIM_PUBLICITY.value)
_DAYS: Final = {Purpose.ENTRY: PUBLICITY_DAYS, Purpose.ELIMINATION: ELIMINATION_PUBLICITY_DAYS}


class Hung(NamedTuple):
    """A list that hangs: what it is for, and how many whole days it must be shown."""

    id: UUID
    purpose: Purpose
    days: int


async def publish(unit: UnitOfWork, body: PublicListCreate) -> PublicListRead:
    """The list, hanging in its village from today.

    :raises NotFound: if a case is not in the caller's area. VersionStale: naming each that has moved on.
    :raises StateRefused: with every guard that fails, for every case.
    """
    cases = await locked(unit, body.cases)
    faults = _faults(unit, body.region, body.purpose, cases, "/cases")
    if not unit.area.contains(body.region):
        raise NotFound
    refuse(faults)
    made = await _put_up(unit, body.id, body.region, body.purpose, body.place, {})
    await _hang(unit, made, cases, _PUBLISH[body.purpose])
    return await show_list(unit, made.id)


async def change_list(unit: UnitOfWork, list_id: UUID, body: PublicListChange, *, version: int) -> PublicListRead:
    """The changed list, shown anew with all of its days: what hung before does not count.

    :raises NotFound: if the list, or a case to add, is not in the caller's area. VersionStale: as usual.
    :raises StateRefused: with every guard that fails, for every case.
    """
    row = await list_row(unit, list_id)
    require_version(version, row.version)
    added = await locked(unit, body.add, pointer="/add")
    purpose = Purpose(row.purpose)
    faults = _faults(unit, row.region, purpose, added, "/add")
    if row.state != "shown":
        faults.append(fault("list_closed"))
    refuse(faults)
    hanging = list((await case_rows(unit, await _hanging(unit, list_id), lock=True)).values())
    await take_down(unit, ids_of(hanging), counts=False, purpose=purpose)
    changed = await _close(unit, row, "replaced")
    more = {"replaces_id": row.id, "reason": body.reason}
    made = await _put_up(unit, body.id, changed.region, purpose, body.place or row.place, more)
    await _hang(unit, made, hanging, CaseAction.PUBLISH_ANEW)
    await _hang(unit, made, added, _PUBLISH[purpose])
    return await show_list(unit, made.id)


async def pass_list(unit: UnitOfWork, list_id: UUID, body: PublicListPass, *, version: int) -> PublicListRead:
    """The list, with these cases passed; it is over when nothing hangs on it any more.

    :raises NotFound: if the list is not in the caller's area. VersionStale: if ``version`` is not the present one.
    :raises StateRefused: with every guard that fails, naming for each case the day from which it can pass.
    """
    row = await list_row(unit, list_id)
    require_version(version, row.version)
    hanging = await _hanging(unit, list_id)
    chosen = list(hanging if body.cases is None else dict.fromkeys(body.cases))
    faults: list[Fault] = [] if chosen else [fault("list_closed")]
    cases = await case_rows(unit, chosen, lock=True)
    short = await publicity_faults(unit, {case: f"/cases/{place}" for place, case in enumerate(chosen)})
    for place, case in enumerate(chosen):
        faults += step_faults(unit, cases[case], CaseAction.PASS, f"/cases/{place}")
        if case not in hanging:
            faults.append(fault("not_on_list", f"/cases/{place}"))
    refuse([*faults, *short])
    await take_down(unit, chosen, counts=True)
    today = unit.clock.today()
    steps = [Taken(row=cases[case], action=CaseAction.PASS, on=today, details={"list": list_id}) for case in chosen]
    await take(unit, steps)
    done = set(chosen) == set(hanging) and not await _objected(unit, list_id)
    await _close(unit, row, "over" if done else row.state)
    return await show_list(unit, list_id)


async def list_row(unit: UnitOfWork, list_id: UUID) -> Any:
    """The list, locked.

    :raises NotFound: if there is none in the caller's area.
    """
    statement = select(LIST).where(LIST.c.id == list_id, LIST.c.region.between(unit.area.lo, unit.area.hi))
    row = (await unit.connection.execute(statement.with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    return row


async def take_down(unit: UnitOfWork, cases: Iterable[UUID], *, counts: bool, purpose: Purpose = Purpose.ENTRY) -> None:
    """Take these cases' lines down today.

    :param counts: whether the days for which they hung count; else none of theirs do on lists of that ``purpose``.
    """
    wanted = list(cases)
    hangs = LINE.c.case_id.in_(wanted) & LINE.c.until.is_(None)
    await unit.connection.execute(update(LINE).where(hangs).values(until=unit.clock.today()))
    if not counts:
        own = LINE.c.case_id.in_(wanted) & (LINE.c.purpose == purpose.value)
        await unit.connection.execute(update(LINE).where(own).values(counts=False))


async def close_lists(unit: UnitOfWork, cases: Sequence[UUID]) -> None:
    """End the lists on which these cases hung and nothing hangs any more, nor may hang again after an objection."""
    hung = select(LINE.c.list_id).where(LINE.c.case_id.in_(cases))
    statement = select(LIST).where(LIST.c.id.in_(hung), LIST.c.state == "shown").order_by(LIST.c.id)
    for row in (await unit.connection.execute(statement.with_for_update())).all():
        if not await _hanging(unit, row.id) and not await _objected(unit, row.id):
            await _close(unit, row, "over")


async def hang_again(unit: UnitOfWork, list_id: UUID, case: Any) -> None:
    """Put one case's line up once more, from today on; on a list of its own, for all its days, if it moved since."""
    hung = select(LINE).where(LINE.c.case_id == case.id, LINE.c.list_id == list_id).limit(1)
    row = (await unit.connection.execute(hung)).one()
    if not row.counts:
        await hang_anew(unit, case, Purpose(row.purpose))
        return
    made = Hung(list_id, Purpose(row.purpose), row.days)
    await unit.connection.execute(insert(LINE).values(_line(unit, made, case)))


async def hang_anew(unit: UnitOfWork, case: Any, purpose: Purpose = Purpose.ENTRY) -> None:
    """Show a case that was returned to its publicity, or has moved, on a list of its own, for all its days."""
    made = await _put_up(unit, None, case.region, purpose, None, {})
    await unit.connection.execute(insert(LINE).values(_line(unit, made, case)))


async def hang_there(unit: UnitOfWork, moved: Sequence[Any]) -> frozenset[UUID]:
    """Show cases that moved away from a list in the village where their households are managed now, for all its days.

    The list that they left hangs on for the others, if there are any. A village shows its own households only, and
    whole days; of a case with an open objection none counts that was shown before. Returns the cases that hang anew.
    """
    hangs = LINE.c.until.is_(None)
    left = select(LINE.c.case_id, LINE.c.purpose, LINE.c.region, hangs.label("hangs"))
    left = left.where(LINE.c.case_id.in_(ids_of(moved)), hangs | _objection_of_line())
    rows, cases = (await unit.connection.execute(left)).all(), {row.id: row for row in moved}
    for purpose in sorted({row.purpose for row in rows}):
        shown = {row.case_id for row in rows if row.purpose == purpose}
        await take_down(unit, shown, counts=False, purpose=Purpose(purpose))
    anew = [row for row in rows if row.hangs]
    for region, purpose in sorted({(row.region, row.purpose) for row in anew}):
        hung = [cases[row.case_id] for row in anew if (row.region, row.purpose) == (region, purpose)]
        made = await _put_up(unit, None, region, Purpose(purpose), None, {})
        await unit.connection.execute(insert(LINE), [_line(unit, made, row) for row in hung])
    return frozenset(row.case_id for row in anew)


def _faults(unit: UnitOfWork, region: int, purpose: Purpose, cases: Sequence[Any], pointer: str) -> list[Fault]:
    faults = []
    for place, row in enumerate(cases):
        faults += step_faults(unit, row, _PUBLISH[purpose], f"{pointer}/{place}")
        if purpose is Purpose.ENTRY:
            faults += comparison_faults(
                plan_of(row), Step.PUBLICITY, compared_on=row.compared_on, pointer=f"{pointer}/{place}"
            )
        if row.region != region:
            faults.append(fault("other_village", f"{pointer}/{place}"))
    return faults


async def _put_up(
    unit: UnitOfWork, given: UUID | None, region: int, purpose: Purpose, place: str | None, more: Mapping[str, Any]
) -> Hung:
    list_id, today = given or new_id(), unit.clock.today()
    days = (await book_of(unit, region)).integer(_DAYS[purpose], region=region, on=today)
    values = {"id": list_id, "region": region, "purpose": purpose.value, "state": "shown", "shown_from": today}
    await unit.connection.execute(insert(LIST).values(**values, days=days, place=place, version=1, **more))
    unit.record("public_list.publish", Aggregate(KIND, list_id, region, 1), fields=["cases", "shown_from"])
    return Hung(list_id, purpose, days)


async def _hang(unit: UnitOfWork, made: Hung, cases: Sequence[Any], action: CaseAction) -> None:
    if not cases:
        return
    await unit.connection.execute(insert(LINE), [_line(unit, made, row) for row in cases])
    today = unit.clock.today()
    await take(unit, [Taken(row=row, action=action, on=today, details={"list": made.id}) for row in cases])


def _line(unit: UnitOfWork, made: Hung, row: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "region": row.region,
        "list_id": made.id,
        "case_id": row.id,
        "purpose": made.purpose.value,
        "days": made.days,
        "since": unit.clock.today(),
        "counts": True,
    }


async def _hanging(unit: UnitOfWork, list_id: UUID) -> list[UUID]:
    statement = select(LINE.c.case_id).where(LINE.c.list_id == list_id, LINE.c.until.is_(None))
    return list((await unit.connection.execute(statement.order_by(LINE.c.case_id))).scalars())


async def _objected(unit: UnitOfWork, list_id: UUID) -> bool:
    """Whether somebody's line may still hang there again; that of a case that has ended or moved meanwhile may not."""
    waits = (LINE.c.list_id == list_id) & LINE.c.counts & _objection_of_line() & CASE.c.state.in_(_OBJECTED)
    statement = select(LINE.c.id).join(CASE, CASE.c.id == LINE.c.case_id).where(waits).limit(1)
    return (await unit.connection.execute(statement)).first() is not None


def _objection_of_line() -> ColumnElement[bool]:
    """Whether an objection to a line's case on its list is open."""
    same = (OBJECTION.c.case_id == LINE.c.case_id) & (OBJECTION.c.list_id == LINE.c.list_id)
    return select(OBJECTION.c.id).where(same, OBJECTION.c.state == "open").exists()


async def _close(unit: UnitOfWork, row: Any, state: str) -> Any:
    statement = update(LIST).where(LIST.c.id == row.id).values(state=state, version=row.version + 1).returning(LIST)
    changed = (await unit.connection.execute(statement)).one()
    action = "public_list.replace" if state == "replaced" else "public_list.pass"
    unit.record(action, Aggregate(KIND, row.id, row.region, changed.version), fields=["cases", "state"])
    return changed
