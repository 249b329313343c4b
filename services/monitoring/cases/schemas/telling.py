"""How a household is told that its case, or what it reported of itself, came to nothing."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from chassis.types import AwareDatetime, ClientId, Day, Model, PersonName
from services.monitoring.cases.schemas.signing import Note
from services.monitoring.codes.cases import CaseState, NoticeWay


class Told(Model):
    """How the household was told; needed where its case is refused, or what it reported of itself is dismissed."""

    told_on: Day | None = Field(None, description="When it was told.")
    told_how: NoticeWay | None = Field(None, description="In which way it was told.")
    told_by: PersonName | None = Field(None, description="Who told it. Absent: who enters this.")


class NoticeCreate(Told):
    """告知: a household is told, or told once more, that its case or its report came to nothing."""

    id: ClientId | None = None
    told_on: Day | None = Field(None, description="Absent: today.")
    told_how: NoticeWay
    words: Note | None = Field(None, description="What was said beside the reason.")


class NoticeKept(Model):
    """告知 as it was recorded."""

    id: UUID
    told_on: Day
    told_how: NoticeWay
    told_by: str | None = Field(description="Absent: who recorded it.")
    words: str | None = Field(description="Shown to who works with the household.")
    recorded_by: str
    recorded_at: AwareDatetime


class NoticeRead(NoticeKept):
    """告知 of a case as it was recorded."""

    state: CaseState = Field(description="What the case had come to.")
