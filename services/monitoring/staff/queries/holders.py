"""Say what a token carries: whose it is, and the posts in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Assignment, Role
from services.monitoring.staff.queries.posts import OFFICER, POST, in_force


@dataclass(frozen=True, slots=True)
class PostHolder:
    """Who a user name stands for, and the posts in force."""

    subject: str
    assignments: Sequence[Assignment]


async def holder_by_username(unit: UnitOfWork, username: str) -> PostHolder | None:
    """Who signs in under ``username`` and with which posts of today; None for a stranger or somebody without any.

    ``unit`` acts for the platform, everywhere: a person's posts may lie in several areas.
    """
    today = unit.clock.today()
    statement = (
        select(POST, OFFICER.c.subject)
        .join(OFFICER, OFFICER.c.id == POST.c.officer_id)
        .where(OFFICER.c.username == username, *in_force(today))
        .order_by(POST.c.stands_in_for.is_not(None), POST.c.starts_on, POST.c.id)
    )
    found = (await unit.connection.execute(statement)).all()
    if not found:
        return None
    subjects = await subjects_stood_in(unit, found)
    return PostHolder(found[0].subject, tuple(assignment_of(row, subjects) for row in found))


async def is_in_office(unit: UnitOfWork, officer_id: UUID, on: date) -> bool:
    """Whether an officer holds any post on that day that the unit's area shows."""
    statement = select(POST.c.id).where(POST.c.officer_id == officer_id, *in_force(on)).limit(1)
    return (await unit.connection.execute(statement)).first() is not None


async def assignments_of(unit: UnitOfWork, officer_id: UUID) -> list[Assignment]:
    """Every post of an officer, past and to come ones too, that the unit's area shows."""
    statement = select(POST).where(POST.c.officer_id == officer_id, POST.c.cancelled.is_(False))
    found = (await unit.connection.execute(statement.order_by(POST.c.id))).all()
    subjects = await subjects_stood_in(unit, found)
    return [assignment_of(row, subjects) for row in found]


async def subjects_stood_in(unit: UnitOfWork, posts: Iterable[Any]) -> Mapping[UUID, str]:
    """The subject of the officer behind each post that one of ``posts`` stands in for."""
    wanted = {row.stands_in_for for row in posts if row.stands_in_for is not None}
    if not wanted:
        return {}
    statement = select(POST.c.id, OFFICER.c.subject).join(OFFICER, OFFICER.c.id == POST.c.officer_id)
    return {row.id: row.subject for row in await unit.connection.execute(statement.where(POST.c.id.in_(wanted)))}


def assignment_of(row: Any, subjects: Mapping[UUID, str]) -> Assignment:
    """A stored post as tokens and rules have it."""
    ends_on: date | None = row.ends_on
    return Assignment(
        id=row.id,
        role=Role(row.role),
        region=row.region,
        department=row.department,
        starts_on=row.starts_on,
        ends_on=ends_on,
        stands_in_for=None if row.stands_in_for is None else subjects[row.stands_in_for],
    )
