"""Sending clues to their villages, one or many, and what waits since a village has its share of the day."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.errors import Message
from chassis.types import ClientId, Day, Integer, Model, RegionCode
from services.monitoring.cases.schemas.doing import CASES_MAX, CaseRef
from services.monitoring.cases.schemas.reading import CaseRow
from services.monitoring.cases.schemas.signing import Note

_EITHER: Final = Message(
    "请在 clues（指定线索）和 next（按次序派出若干条）中填写一项，且只填一项。",
    "Give either `clues` or `next`, not both.",
)


class ClueDispatch(Model):
    """Send a clue to its village. `urgent` opens the green channel at once."""

    id: ClientId | None = Field(None, description="A UUIDv7 for the case, if it begins one; absent: made here.")
    urgent: bool = False
    note: Note | None = None


class ClueBulkDispatch(Model):
    """Send clues to their villages: those named, or the next ones by severity, the oldest first."""

    clues: Annotated[list[CaseRef], Field(min_length=1, max_length=CASES_MAX)] | None = Field(
        None, description="Clues in the versions that were read."
    )
    next: Annotated[Integer, Field(ge=1, le=CASES_MAX)] | None = Field(None, description="So many of those that wait.")
    note: Note | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.clues is None) == (self.next is None):
            raise PydanticCustomError("clues_or_next", "one of two", {"zh": _EITHER.zh, "en": _EITHER.en})
        return self


class VillageFull(Model):
    """A village that has its share of a day, and what waits for the days after."""

    region: RegionCode
    cap: int = Field(description="New cases that the village is sent on one day.")
    sent_today: int = Field(description="Those of today, urgent ones included.")
    waiting: int = Field(description="Open clues of the village that still wait at the county.")
    goes_on: Day = Field(description="The day on which the next ones can be sent.")


class CluesDispatched(Model):
    """What was sent, and what waits since its village has its share of the day."""

    cases: list[CaseRow]
    waiting: int = Field(description="Open clues of your area that still wait, for whatever reason.")
    full: list[VillageFull]
