"""Send many clues at once: each village gets its share of the day, and what waits is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import func, select, text

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, NotFound, VersionStale
from services.monitoring.cases.actions.dispatch import Sent, send, with_a_case
from services.monitoring.cases.actions.share import Shares, shares_of
from services.monitoring.cases.actions.stepping import STALE, refuse
from services.monitoring.cases.queries.rows import show_cases
from services.monitoring.cases.rules.guards import fault
from services.monitoring.cases.schemas.dispatching import ClueBulkDispatch, CluesDispatched, VillageFull
from services.monitoring.cases.schemas.doing import CaseRef
from services.monitoring.clues.queries.listing import CLUE
from services.monitoring.households.tables import Household

_HOUSEHOLD: Final = rows(Household)
_COUNTIES: Final = text(
    "SELECT DISTINCT region / 1000000 * 1000000 FROM clue WHERE state = 'open' AND region BETWEEN :lo AND :hi"
)
# Each village's first ones: never more of them than could be sent, however many wait.
_FIRST: Final = text(
    """
    SELECT id FROM (
        SELECT clue.id, clue.severity, clue.raised_on,
               row_number() OVER village AS place
        FROM clue JOIN household ON household.id = clue.household_id AND household.state = 'active'
        WHERE clue.state = 'open' AND clue.region BETWEEN :lo AND :hi
        WINDOW village AS (PARTITION BY clue.region ORDER BY clue.severity DESC, clue.raised_on, clue.id)
    ) AS waiting WHERE place <= :most ORDER BY severity DESC, raised_on, id
    """
)


async def dispatch_clues(unit: UnitOfWork, body: ClueBulkDispatch) -> CluesDispatched:
    """Send those named, or the next ones, by severity and the oldest first, until their villages are full.

    :raises NotFound: if a clue that was named is not in the caller's area.
    :raises VersionStale: naming each clue that has moved on. StateRefused: naming each that cannot be sent at all.
    """
    bound = {"lo": unit.area.lo, "hi": unit.area.hi}
    shares = await shares_of(unit, (await unit.connection.execute(_COUNTIES, bound)).scalars())
    clues = await (_next(unit, body.next or 0) if body.clues is None else _named(unit, body.clues))
    clues.sort(key=lambda clue: (-clue.severity, clue.raised_on, clue.id))
    joining = await with_a_case(unit, clues)
    picked, taken = list[Any](), Counter[int]()
    for clue in clues:
        if clue.household_id not in joining:
            if taken[clue.region] >= shares.room(clue.region):
                continue
            taken[clue.region] += 1
        picked.append(clue)
        if len(picked) == body.next:
            break
    made = await send(unit, [Sent(clue=clue, note=body.note) for clue in picked]) if picked else []
    return await _told(unit, shares, taken, await show_cases(unit, made))


async def _next(unit: UnitOfWork, most: int) -> list[Any]:
    """Clues that may be sent, locked: more than are sent, since some villages are full."""
    bound = {"lo": unit.area.lo, "hi": unit.area.hi, "most": most}
    found = (await unit.connection.execute(_FIRST, bound)).scalars().all()
    statement = select(CLUE).where(CLUE.c.id.in_(found), CLUE.c.state == "open").order_by(CLUE.c.id)
    return list(await unit.connection.execute(statement.with_for_update()))


async def _named(unit: UnitOfWork, refs: Sequence[CaseRef]) -> list[Any]:
    """The clues of a list, locked, each in the version that was read and fit to be sent."""
    ids = [ref.id for ref in refs]
    ended = (
        select(_HOUSEHOLD.c.state).where(_HOUSEHOLD.c.id == CLUE.c.household_id).scalar_subquery() != "active"
    ).label("household_ended")
    statement = select(CLUE, ended).where(CLUE.c.id.in_(ids), CLUE.c.region.between(unit.area.lo, unit.area.hi))
    found = {row.id: row for row in await unit.connection.execute(statement.order_by(CLUE.c.id).with_for_update())}
    if not found.keys() >= set(ids):
        raise NotFound
    twice = [fault("named_twice", f"/clues/{place}") for place, one in enumerate(ids) if one in ids[:place]]
    refuse(twice)
    stale = [
        Fault(f"/clues/{place}/version", "version_stale", STALE)
        for place, ref in enumerate(refs)
        if found[ref.id].version != ref.version
    ]
    if stale:
        raise VersionStale(faults=stale)
    refuse(
        fault(code, f"/clues/{place}")
        for place, one in enumerate(ids)
        for code, holds in (
            ("clue_not_open", found[one].state != "open"),
            ("household_ended", found[one].household_ended),
        )
        if holds
    )
    return list(found.values())


async def _told(unit: UnitOfWork, shares: Shares, taken: Counter[int], cases: list[Any]) -> CluesDispatched:
    """What was sent, and which villages have their share and still have clues waiting."""
    statement = (
        select(CLUE.c.region, func.count().label("waiting"))
        .where(CLUE.c.state == "open", CLUE.c.region.between(unit.area.lo, unit.area.hi))
        .group_by(CLUE.c.region)
        .order_by(CLUE.c.region)
    )
    waiting = {row.region: row.waiting for row in await unit.connection.execute(statement)}
    full = [
        VillageFull(
            region=village,
            cap=shares.cap(village),
            sent_today=shares.sent.get(village, 0) + taken[village],
            waiting=count,
            goes_on=shares.goes_on,
        )
        for village, count in waiting.items()
        if taken[village] >= shares.room(village)
    ]
    return CluesDispatched(cases=cases, waiting=sum(waiting.values()), full=full)
