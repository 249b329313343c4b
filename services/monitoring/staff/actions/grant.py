"""Register an officer, and grant posts by the rules that keep powers apart (clause F1)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, or_, select

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault, InvalidInput, Message, NotFound
from chassis.identifiers import new_id
from chassis.records import Aggregate
from chassis.security.grants import grant_faults
from chassis.security.scope import Area, Assignment
from services.monitoring.regions.queries.divisions import place_may_exist
from services.monitoring.staff.queries.holders import assignment_of, assignments_of, subjects_stood_in
from services.monitoring.staff.queries.posts import OFFICER, POST, read_officer, read_post
from services.monitoring.staff.schemas import OfficerCreate, OfficerRead, PostCreate, PostRead

KIND: Final = "post"
FIELDS: Final = ("department", "ends_on", "region", "role", "stands_in_for", "starts_on", "title")

_NO_PLACE: Final = Message(
    "任职之日没有这个乡镇或村，请核对区划代码。",
    "No town or village bears this code on the day on which the post begins; check it.",
)


class OfficerKnown(Conflict):
    code, status = "officer_known", 409
    title = Message(
        "用户名或主体标识已登记，请直接为该干部授予岗位。",
        "The user name or the subject is registered already; grant that officer a post instead.",
    )


async def register_officer(unit: UnitOfWork, body: OfficerCreate) -> OfficerRead:
    """Register an officer with a first post.

    :raises InvalidInput: with every fault of the post.
    :raises OfficerKnown: if the user name or subject is taken, with the officer's id.
    """
    await _refuse_known(unit, body)
    officer_id = body.id or new_id()
    phone = None
    if body.phone is not None:
        seal = unit.vault.encryptor.seal
        phone = seal(body.phone.value, table="officer", column="contact_phone", row=officer_id)
    proposed = await _proposal(unit, body.post, body.subject, [], within="/post")
    officer = {
        "id": officer_id,
        "subject": body.subject,
        "username": body.username,
        "name": body.name,
        "contact_phone": phone,
    }
    await unit.connection.execute(insert(OFFICER).values(officer))
    unit.record("officer.register", Aggregate("officer", officer_id, proposed.region, 0), fields=("name", "username"))
    await _insert(unit, officer_id, body.post, proposed)
    return await read_officer(unit, officer_id)


async def grant_post(unit: UnitOfWork, officer_id: UUID, body: PostCreate) -> PostRead:
    """Grant an officer, of whatever area, one more post in the caller's.

    :raises NotFound: if there is no such officer; InvalidInput: with every fault of the post.
    """
    # The lock lets one grant after another look at the person's posts: no two of them make a forbidden pair.
    found = await unit.connection.execute(select(OFFICER).where(OFFICER.c.id == officer_id).with_for_update())
    officer = found.one_or_none()
    if officer is None:
        raise NotFound
    own = unit.area
    if own.covers(Area.of(body.region)):
        # Powers are kept apart over all areas; what is found elsewhere shows in no answer but as a refusal.
        await unit.widen(Area.everywhere())
    held = await assignments_of(unit, officer_id)
    proposed = await _proposal(unit, body, officer.subject, held)
    await _insert(unit, officer_id, body, proposed)
    return await read_post(unit, proposed.id)


async def _proposal(
    unit: UnitOfWork, body: PostCreate, grantee: str, held: list[Assignment], *, within: str = ""
) -> Assignment:
    """The post as the rules see it.

    :param within: where in the request the post lies, for the pointers of faults.
    """
    stood_in, subject = await _stood_in(unit, body)
    proposed = Assignment(
        id=body.id or new_id(),
        role=body.role,
        region=body.region,
        department=body.department,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        stands_in_for=subject,
    )
    today = unit.clock.today()
    faults = grant_faults(unit.actor, proposed, grantee=grantee, held=held, stood_in=stood_in, on=today)
    if not await place_may_exist(unit, body.region, max(today, body.starts_on)):
        faults.append(Fault("/region", "division_unknown", _NO_PLACE))
    if faults:
        raise InvalidInput(faults=[replace(fault, pointer=f"{within}{fault.pointer}") for fault in faults])
    return proposed


async def _stood_in(unit: UnitOfWork, body: PostCreate) -> tuple[Assignment | None, str | None]:
    """The post to stand in for and the subject of its holder; of a post that is not there, a subject of nobody."""
    if body.stands_in_for is None:
        return None, None
    statement = (
        select(POST, OFFICER.c.subject)
        .join(OFFICER, OFFICER.c.id == POST.c.officer_id)
        .where(POST.c.id == body.stands_in_for, POST.c.cancelled.is_(False))
    )
    row = (await unit.connection.execute(statement)).one_or_none()
    if row is None:
        return None, str(body.stands_in_for)
    return assignment_of(row, await subjects_stood_in(unit, [row])), row.subject


async def _refuse_known(unit: UnitOfWork, body: OfficerCreate) -> None:
    statement = select(OFFICER.c.id, OFFICER.c.subject, OFFICER.c.username).where(
        or_(OFFICER.c.username == body.username, OFFICER.c.subject == body.subject)
    )
    found = (await unit.connection.execute(statement)).all()
    if not found:
        return
    faults = []
    if any(row.username == body.username for row in found):
        faults.append(Fault("/username", "username_known", OfficerKnown.title))
    if any(row.subject == body.subject for row in found):
        faults.append(Fault("/subject", "subject_known", OfficerKnown.title))
    raise OfficerKnown(faults=faults, extra={"officer_ids": sorted(str(row.id) for row in found)})


async def _insert(unit: UnitOfWork, officer_id: UUID, body: PostCreate, proposed: Assignment) -> None:
    values: dict[str, Any] = {
        "id": proposed.id,
        "officer_id": officer_id,
        "role": proposed.role.value,
        "region": proposed.region,
        "department": proposed.department,
        "title": body.title,
        "starts_on": proposed.starts_on,
        "ends_on": proposed.ends_on,
        "stands_in_for": body.stands_in_for,
    }
    await unit.connection.execute(insert(POST).values(values))
    unit.record("post.grant", Aggregate(KIND, proposed.id, proposed.region, 1), fields=FIELDS)
