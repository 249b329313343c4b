"""Officers and posts over HTTP: register, grant, end, list."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.staff.actions.end import end_post
from services.monitoring.staff.actions.grant import grant_post, register_officer
from services.monitoring.staff.queries.posts import list_posts, read_officer, read_post
from services.monitoring.staff.schemas import (
    OfficerCreate,
    OfficerRead,
    PostCreate,
    PostEnd,
    PostPage,
    PostQuery,
    PostRead,
)

router = service_router("staff")


@router.post("/officers", operation_id="officer_register", status_code=201)
async def officer_register(body: OfficerCreate, unit: Annotated[UnitOfWork, writes(may.STAFF_GRANT)]) -> OfficerRead:
    """Register an officer with a first post."""
    return await register_officer(unit, body)


@router.get("/officers/{officer_id}", operation_id="officer_read")
async def officer_read(officer_id: UUID, unit: Annotated[UnitOfWork, reads(may.STAFF_READ)]) -> OfficerRead:
    """Read an officer with the posts in your area."""
    return await read_officer(unit, officer_id)


@router.post("/officers/{officer_id}/posts", operation_id="post_grant", status_code=201)
async def post_grant(
    officer_id: UUID, body: PostCreate, response: Response, unit: Annotated[UnitOfWork, writes(may.STAFF_GRANT)]
) -> PostRead:
    """Grant an officer one more post, or let them stand in for another."""
    return _answer(response, await grant_post(unit, officer_id, body))


@router.get("/posts", operation_id="post_list")
async def post_list(
    query: Annotated[PostQuery, Query()], unit: Annotated[UnitOfWork, reads(may.STAFF_READ)]
) -> PostPage:
    """List who holds which post in your area on a day."""
    return await list_posts(unit, query)


@router.get("/posts/{post_id}", operation_id="post_read")
async def post_read(post_id: UUID, response: Response, unit: Annotated[UnitOfWork, reads(may.STAFF_READ)]) -> PostRead:
    """Read a post."""
    return _answer(response, await read_post(unit, post_id))


@router.post("/posts/{post_id}/end", operation_id="post_end")
@needs_version
async def post_end(
    post_id: UUID,
    body: PostEnd,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.STAFF_GRANT)],
) -> PostRead:
    """Set the last day of a post; stand-ins for it end no later."""
    return _answer(response, await end_post(unit, post_id, body, version=expected_version(request)))


def _answer(response: Response, post: PostRead) -> PostRead:
    response.headers["ETag"] = etag(post.version)
    return post
