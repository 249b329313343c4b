"""What an auditor asks and reads."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from chassis.errors import Message
from chassis.http.pagination import Page, PageQuery
from chassis.types import AwareDatetime, Code, Day, Model, RegionCode

PERIOD_DAYS_MAX = 92
_NARROW = Message(
    f"请给出对象、操作人，或不超过 {PERIOD_DAYS_MAX} 天的起止日期。",
    f"Name a thing, a subject, or a period of at most {PERIOD_DAYS_MAX} days.",
)
_ORDER = Message("止日不能早于起日。", "The last day must not lie before the first.")


class AuditQuery(PageQuery):
    """Entries of one thing, of one subject, or of a period; all that are given must hold."""

    entity_id: Annotated[UUID | None, Field(description="Changes of this thing and sensitive reads of it.")] = None
    subject: Annotated[str | None, StringConstraints(min_length=1, max_length=200)] = None
    action: Code | None = None
    from_day: Annotated[Day | None, Field(description="First day recorded, in Asia/Shanghai.")] = None
    to_day: Annotated[Day | None, Field(description="Last day recorded, in Asia/Shanghai.")] = None

    @model_validator(mode="after")
    def _is_narrow(self) -> Self:
        bounded = self.from_day is not None and self.to_day is not None
        if self.from_day is not None and self.to_day is not None and self.to_day < self.from_day:
            raise PydanticCustomError("period_order", "the period is reversed", {"zh": _ORDER.zh, "en": _ORDER.en})
        if self.entity_id is None and self.subject is None:
            days = (self.to_day - self.from_day).days if self.from_day and self.to_day else PERIOD_DAYS_MAX
            if not bounded or days >= PERIOD_DAYS_MAX:
                raise PydanticCustomError("audit_too_wide", "too wide", {"zh": _NARROW.zh, "en": _NARROW.en})
        return self


class AuditEntryRead(Model):
    """One entry: who did what, when, in which post, and why. Names of fields, never their values."""

    id: int
    time: AwareDatetime
    business_date: Day
    subject: str
    assignment: UUID
    role: str
    action: str
    kind: str
    entity_id: UUID
    version: int
    region: RegionCode
    fields: list[str]
    read_ids: list[UUID]
    reason: Annotated[str | None, Field(description="Why; for a sensitive read its purpose.")]
    trace_id: str | None
    sequence: Annotated[int | None, Field(description="Its number in the sealed chain, absent for a moment only.")]


class AuditEntryPage(Page[AuditEntryRead]):
    """Entries, the newest first."""
