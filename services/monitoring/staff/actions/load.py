"""Load officers whose posts were granted outside the platform: a sample's, and the first security administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import InvalidInput, NotAllowed
from chassis.records import Aggregate
from chassis.security.grants import post_faults
from chassis.security.scope import Assignment, Role
from services.monitoring.staff.actions.grant import FIELDS, KIND
from services.monitoring.staff.queries.posts import OFFICER, POST

_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('staff.first_administrator', 0))")


@dataclass(frozen=True, slots=True)
class NewOfficer:
    """Somebody to be registered with one post, open from ``starts_on`` on.

    :param department: of a department's clerk, else None.
    """

    username: str
    subject: str
    name: str
    role: Role
    region: int
    starts_on: date
    title: str | None = None
    department: str | None = None

    @property
    def officer_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"xianjie:officer:{self.username}")

    @property
    def post_id(self) -> UUID:
        return uuid5(NAMESPACE_URL, f"xianjie:post:{self.username}")


async def register_officers(unit: UnitOfWork, officers: Sequence[NewOfficer]) -> int:
    """Register those who are not there yet, each with the one post; returns how many were new.

    ``unit`` acts for the platform: no person grants posts this way.

    :raises NotAllowed: for a person's unit; InvalidInput: for a post that no rule allows.
    """
    if unit.actor.role is not Role.PROGRAM:
        raise NotAllowed
    faults = [fault for officer in officers for fault in post_faults(_assignment(officer))]
    if faults:
        raise InvalidInput(faults=faults)
    if not officers:
        return 0
    people = [
        {"id": officer.officer_id, "subject": officer.subject, "username": officer.username, "name": officer.name}
        for officer in officers
    ]
    made = await unit.connection.execute(
        insert(OFFICER).values(people).on_conflict_do_nothing().returning(OFFICER.c.id)
    )
    new = set(made.scalars())
    fresh = [officer for officer in officers if officer.officer_id in new]
    if fresh:
        await unit.connection.execute(
            insert(POST).values(
                [
                    {
                        "id": officer.post_id,
                        "officer_id": officer.officer_id,
                        "role": officer.role.value,
                        "region": officer.region,
                        "department": officer.department,
                        "title": officer.title,
                        "starts_on": officer.starts_on,
                    }
                    for officer in fresh
                ]
            )
        )
    for officer in fresh:
        unit.record(
            "officer.register",
            Aggregate("officer", officer.officer_id, officer.region, 0),
            fields=("name", "username"),
        )
        unit.record("post.grant", Aggregate(KIND, officer.post_id, officer.region, 1), fields=FIELDS)
    return len(fresh)


async def register_first_administrator(unit: UnitOfWork, administrator: NewOfficer) -> bool:
    """Give a fresh installation its first security administrator, who grants every further post; False if it has one.

    ``unit`` acts for the platform, everywhere.

    :raises NotAllowed: for a person's unit, or another role.
    """
    if administrator.role is not Role.SECURITY_ADMINISTRATOR:
        raise NotAllowed
    await unit.connection.execute(_LOCK)
    statement = select(POST.c.id).where(POST.c.role == "security_administrator").limit(1)
    if (await unit.connection.execute(statement)).first() is not None:
        return False
    return await register_officers(unit, [administrator]) == 1


def _assignment(officer: NewOfficer) -> Assignment:
    return Assignment(officer.post_id, officer.role, officer.region, officer.department, officer.starts_on)
