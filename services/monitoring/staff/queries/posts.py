"""Read who holds which post."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from chassis.identity_numbers import Phone
from chassis.security.scope import Area
from services.monitoring.staff.schemas import OfficerRead, PostPage, PostQuery, PostRead
from services.monitoring.staff.tables import Officer, Post

OFFICER: Final = rows(Officer)
POST: Final = rows(Post)
OPERATION: Final = "post_list"


async def list_posts(unit: UnitOfWork, query: PostQuery) -> PostPage:
    """One page of the posts in force on a day, by division and id.

    :raises NotFound: if the division asked for lies outside the caller's area.
    """
    area = unit.area if query.region is None else Area.of(query.region)
    if not unit.area.covers(area):
        raise NotFound
    day = query.on or unit.clock.today()
    statement = _with_officers().where(POST.c.region.between(area.lo, area.hi), *in_force(day))
    if query.role is not None:
        statement = statement.where(POST.c.role == query.role.value)
    after = query.position(unit.vault.cursors, OPERATION)
    found = (await unit.connection.execute(keyset(statement, [POST.c.region, POST.c.id], after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, OPERATION, lambda row: [row.region, str(row.id)])
    return PostPage(items=[_shown(unit, row) for row in kept], next_cursor=cursor)


async def read_officer(unit: UnitOfWork, officer_id: UUID) -> OfficerRead:
    """An officer who holds, held or will hold a post in the caller's area, with those posts.

    :raises NotFound: for anybody else.
    """
    statement = _with_officers().where(OFFICER.c.id == officer_id, in_area(unit))
    found = (await unit.connection.execute(statement.order_by(POST.c.starts_on, POST.c.id))).all()
    if not found:
        raise NotFound
    posts = [_shown(unit, row) for row in found]
    first = found[0]
    return OfficerRead(
        id=first.officer_id,
        username=first.username,
        name=first.officer_name,
        phone_masked=posts[0].phone_masked,
        version=first.officer_version,
        posts=posts,
    )


async def read_post(unit: UnitOfWork, post_id: UUID) -> PostRead:
    """One post.

    :raises NotFound: if it lies outside the caller's area.
    """
    row = (await unit.connection.execute(_with_officers().where(POST.c.id == post_id, in_area(unit)))).one_or_none()
    if row is None:
        raise NotFound
    return _shown(unit, row)


def in_force(day: date) -> tuple[ColumnElement[bool], ...]:
    """Posts that are held on that day."""
    return POST.c.starts_on <= day, or_(POST.c.ends_on.is_(None), POST.c.ends_on >= day), POST.c.cancelled.is_(False)


def in_area(unit: UnitOfWork) -> ColumnElement[bool]:
    """State the range in the query itself; the policy is the backstop."""
    return POST.c.region.between(unit.area.lo, unit.area.hi)


def _with_officers() -> Select[Any]:
    return select(
        POST,
        OFFICER.c.name.label("officer_name"),
        OFFICER.c.username,
        OFFICER.c.contact_phone,
        OFFICER.c.version.label("officer_version"),
    ).join(OFFICER, OFFICER.c.id == POST.c.officer_id)


def _shown(unit: UnitOfWork, row: Any) -> PostRead:
    known = row._mapping  # noqa: SLF001  # a row's public view of its columns, despite the name
    plain = {name: known[name] for name in PostRead.model_fields if name in known}
    return PostRead(**plain, phone_masked=_masked(unit, row))


def _masked(unit: UnitOfWork, row: Any) -> str | None:
    if row.contact_phone is None:
        return None
    sealed = bytes(row.contact_phone)
    number = unit.vault.encryptor.open(sealed, table="officer", column="contact_phone", row=row.officer_id)
    return Phone.parse(number).masked
