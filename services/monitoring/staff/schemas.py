"""What is said and asked about officers and their posts."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.http.pagination import Page, PageQuery
from chassis.identity_numbers import PhoneField
from chassis.security.scope import Role
from chassis.types import Day, Model, PersonName, RegionCode, ShortText

Username = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,255}$")]
Department = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class PostCreate(Model):
    """任职: a role over one division between two days; a stand-in names the post that it takes over."""

    id: UUID | None = None
    role: Role
    region: RegionCode
    department: Department | None = None
    title: ShortText | None = None
    starts_on: Day
    ends_on: Annotated[Day | None, Field(description="Last day; absent while open.")] = None
    stands_in_for: Annotated[UUID | None, Field(description="The post of another officer that is stood in for.")] = None


class OfficerCreate(Model):
    """An officer and the first post; further posts are granted one by one."""

    id: UUID | None = None
    subject: Annotated[Subject, Field(description="Stable id at the issuer of tokens; no name, no ID number.")]
    username: Username
    name: PersonName
    phone: PhoneField | None = None
    post: PostCreate


class PostEnd(Model):
    """The last day of a post, and why it ends. A day before its first cancels a post that has not begun."""

    ends_on: Day
    reason: ShortText


class PostRead(Model):
    """A post and who holds it."""

    id: UUID
    officer_id: UUID
    officer_name: str
    phone_masked: str | None
    role: Role
    region: RegionCode
    department: str | None
    title: str | None
    starts_on: Day
    ends_on: Day | None
    stands_in_for: UUID | None = Field(description="The post stood in for.")
    cancelled: bool
    version: int


class OfficerRead(Model):
    """An officer with the posts in your area, past and to come ones too."""

    id: UUID
    username: str
    name: str
    phone_masked: str | None
    version: int
    posts: list[PostRead]


class PostPage(Page[PostRead]):
    """Posts by division."""


class PostQuery(PageQuery):
    """Which posts: in which division, of which role, in force on which day."""

    region: RegionCode | None = None
    role: Role | None = None
    on: Day | None = Field(None, description="Absent: today.")
