"""One meeting with its votes, as the caller may see it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.security.masking import mask_name
from services.monitoring.cases.queries.rows import MEETING, VOTE
from services.monitoring.cases.schemas.doing import AttendeeRead, MeetingRead, MeetingVote
from services.monitoring.households.queries.one import KNOWS_HEALTH, KNOWS_NAMES


async def show_meeting(unit: UnitOfWork, meeting_id: UUID) -> MeetingRead:
    """The meeting; names and minutes for who works with the households.

    :raises NotFound: if there is none in the caller's area.
    """
    statement = select(MEETING).where(MEETING.c.id == meeting_id, MEETING.c.region.between(unit.area.lo, unit.area.hi))
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    votes = select(VOTE).where(VOTE.c.meeting_id == meeting_id).order_by(VOTE.c.case_id)
    names = [one["name"] for one in row.attendees]
    knows = unit.actor.role in KNOWS_NAMES
    return MeetingRead(
        id=row.id,
        region=row.region,
        purpose=row.purpose,
        held_on=row.held_on,
        place=row.place,
        minutes=row.minutes if unit.actor.role in KNOWS_HEALTH else None,
        attendees=[AttendeeRead(name=name if knows else mask_name(name)) for name in names],
        votes=[
            MeetingVote(**{name: getattr(vote, name) for name in MeetingVote.model_fields})
            for vote in await unit.connection.execute(votes)
        ],
        recorded_by=row.recorded_by,
    )
