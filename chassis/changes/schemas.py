"""What a follower of the change feed asks and gets."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from chassis.types import Code, Model, RegionCode

FEED_DEFAULT: Final = 200
FEED_MAX: Final = 1000
_KINDS_MAX: Final = 50


class ChangesQuery(Model):
    """Where to go on from, and which kinds of things to tell of."""

    cursor: Annotated[
        str | None,
        Field(max_length=2048, description="`next_cursor` of the last answer; none starts at the beginning."),
    ] = None
    kind: Annotated[
        list[Code], Field(max_length=_KINDS_MAX, description="Kinds to tell of, repeated; none means all.")
    ] = Field(default_factory=list)
    limit: Annotated[int, Field(ge=1, le=FEED_MAX)] = FEED_DEFAULT


class ChangeRead(Model):
    """One thing that changed, by its newest version; what came between is not told."""

    kind: str
    id: UUID
    region: RegionCode
    version: int
    deleted: Annotated[bool, Field(description="It is gone, or has left your area: forget it.")]
    fields: Annotated[list[str], Field(description="Names of the fields that changed since your cursor.")]


class ChangeFeed(Model):
    """Part of the feed. Keep `next_cursor` once you have taken in the items."""

    items: list[ChangeRead]
    next_cursor: Annotated[str, Field(description="Always there: ask again with it for what comes later.")]
    has_more: Annotated[bool, Field(description="More is waiting now; ask again at once.")]
