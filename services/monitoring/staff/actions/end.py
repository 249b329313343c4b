"""End a post, and with it every stand-in for it."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotFound, StateRefused
from chassis.http.preconditions import require_version
from chassis.records import Aggregate
from services.monitoring.staff.actions.grant import KIND
from services.monitoring.staff.queries.posts import POST, in_area, read_post
from services.monitoring.staff.schemas import PostEnd, PostRead

_OVER: Final = Message("此岗位已结束。", "This post is over already.")
_OWN: Final = Message("不能结束本人的岗位，请由另一位安全管理员办理。", "Have another administrator end your own post.")
_LATER: Final = Message(
    "结束日期不能晚于原定日期；延长须重新授予。", "A post can only end earlier; grant a longer one anew."
)
_PAST: Final = Message(
    "结束日期不能早于昨天：已任职的日子不能抹去。", "Give yesterday or a later day: days served cannot be undone."
)


async def end_post(unit: UnitOfWork, post_id: UUID, body: PostEnd, *, version: int) -> PostRead:
    """Let ``body.ends_on`` be the last day of a post; stand-ins for it end no later.

    Yesterday ends it at once. A post that would end before it began is cancelled and counts for nothing.

    :raises NotFound: if it lies outside the caller's area; VersionStale: if somebody changed it.
    :raises StateRefused: if it is over, or the caller's own; InvalidInput: for a day before yesterday or too late.
    """
    row = (
        await unit.connection.execute(select(POST).where(POST.c.id == post_id, in_area(unit)).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFound
    require_version(version, row.version)
    today = unit.clock.today()
    refused = []
    if row.cancelled or (row.ends_on is not None and row.ends_on < today):
        refused.append(Fault("", "post_over", _OVER))
    if row.id == unit.actor.assignment.id:
        refused.append(Fault("", "own_post", _OWN))
    if refused:
        raise StateRefused(faults=refused)
    faults = []
    if row.ends_on is not None and body.ends_on > row.ends_on:
        faults.append(Fault("/ends_on", "ends_later", _LATER))
    if (today - body.ends_on).days > 1:
        faults.append(Fault("/ends_on", "days_served", _PAST))
    if faults:
        raise InvalidInput(faults=faults)
    await _end(unit, POST.c.id == post_id, body)
    await _end(
        unit, (POST.c.stands_in_for == post_id) & or_(POST.c.ends_on > body.ends_on, POST.c.ends_on.is_(None)), body
    )
    return await read_post(unit, post_id)


async def _end(unit: UnitOfWork, which: Any, body: PostEnd) -> None:
    statement = (
        update(POST)
        .where(which, in_area(unit), POST.c.cancelled.is_(False))
        .values(ends_on=body.ends_on, cancelled=POST.c.starts_on > body.ends_on, version=POST.c.version + 1)
        .returning(POST)
    )
    for row in (await unit.connection.execute(statement)).all():
        fields = ("cancelled", "ends_on") if row.cancelled else ("ends_on",)
        unit.record("post.end", Aggregate(KIND, row.id, row.region, row.version), fields=fields, reason=body.reason)
