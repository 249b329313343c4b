"""Officers and their posts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Text, text
from sqlmodel import Field

from chassis.security.columns import Sealed
from services.monitoring.base import Table, recorded


class Officer(Table, table=True):
    """干部: one person who signs in. No division, so no policy by area: only posts say where somebody works.

    ``subject`` is the stable id at the issuer of tokens, ``username`` what the person signs in with.
    """

    __tablename__: ClassVar[Any] = "officer"
    __table_args__ = (
        Index("uq_officer_subject", "subject", unique=True),
        Index("uq_officer_username", "username", unique=True),
    )

    id: UUID = Field(primary_key=True)
    subject: str = Field(sa_type=Text)
    username: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    contact_phone: bytes | None = Field(None, sa_type=Sealed)
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())


class Post(Table, table=True):
    """任职: one officer's role over one division between two days; a stand-in names the post that it takes over.

    Posts are never removed: their dates are their history, and what changed them stands in the audit log.
    """

    __tablename__: ClassVar[Any] = "post"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on OR cancelled", "term_in_order"),
        CheckConstraint("stands_in_for IS NULL OR ends_on IS NOT NULL", "stand_in_has_end"),
        CheckConstraint("(role = 'department_clerk') = (department IS NOT NULL)", "department_of_clerk"),
        Index(None, "region", "id"),
        Index(None, "officer_id"),
        Index(None, "stands_in_for", postgresql_where=text("stands_in_for IS NOT NULL")),
        Index("ix_post_role", "role", postgresql_where=text("role = 'security_administrator'")),
    )

    id: UUID = Field(primary_key=True)
    officer_id: UUID = Field(sa_column=Column(ForeignKey("officer.id"), nullable=False))
    role: str = Field(sa_type=Text)
    region: int = Field(sa_type=BigInteger)
    department: str | None = Field(None, sa_type=Text)
    title: str | None = Field(None, sa_type=Text)
    starts_on: date
    ends_on: date | None = None
    stands_in_for: UUID | None = Field(None, sa_column=Column(ForeignKey("post.id")))
    cancelled: bool = False
    version: int = Field(1, sa_type=BigInteger)
    recorded_at: datetime = Field(sa_column=recorded())
