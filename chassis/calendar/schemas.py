"""What is asked of the calendar, and a notice as it is loaded."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from chassis.calendar.rules import DAYS_MAX, DayCount
from chassis.errors import Message
from chassis.types import AwareDatetime, Day, Integer, Model, RegionCode, ShortText

RANGE_DAYS_MAX = 400
_RANGE = Message(
    f"请给出先后有序、不超过 {RANGE_DAYS_MAX} 天的起止日期。",
    f"Give a first and a last day, at most {RANGE_DAYS_MAX} days.",
)
_ESTIMATED = "The year's notice is not loaded: weekends alone were looked at. Load it and ask again."


class HolidayCreate(Model):
    """A day that differs from its weekday."""

    day: Day
    working: Annotated[bool, Field(strict=True, description="True for a Saturday or Sunday that is worked (调休).")]
    name: ShortText


class HolidayNoticeCreate(Model):
    """A year's notice."""

    id: UUID | None = None
    scope: Annotated[RegionCode, Field(description="The division that it shall hold in, within your area.")]
    year: Annotated[Integer, Field(ge=2004, le=2200)]
    whole: Annotated[
        bool,
        Field(
            strict=True, description="True if it arranges the whole year, as the State Council's does; else it adds."
        ),
    ]
    source: Annotated[ShortText, Field(description="The notice, with its number.")]
    days: Annotated[list[HolidayCreate], Field(min_length=1, max_length=120)]


class HolidayNoticePut(Model):
    """What the notice says instead, after a correction."""

    source: ShortText
    days: Annotated[list[HolidayCreate], Field(min_length=1, max_length=120)]


class HolidayRead(Model):
    """A day that a notice names."""

    day: Day
    working: bool
    name: str


class HolidayNoticeRead(Model):
    """A notice as it stands."""

    id: UUID
    scope: RegionCode
    year: int
    whole: bool
    source: str
    recorded_by: str
    recorded_at: AwareDatetime
    version: int
    days: list[HolidayRead]


class HolidayNoticeList(Model):
    """The notices that hold in a division, besides the arrangements that the release brings along."""

    items: list[HolidayNoticeRead]


class HolidayNoticesQuery(Model):
    """Notices for a division (by default that of your post), of one year or all."""

    region: RegionCode | None = None
    year: Annotated[int | None, Field(ge=2004, le=2200)] = None


class CalendarQuery(Model):
    """Days of a division, by default that of your post."""

    from_day: Day
    to_day: Day
    region: RegionCode | None = None

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if not 0 <= (self.to_day - self.from_day).days < RANGE_DAYS_MAX:
            raise PydanticCustomError("calendar_range", "range", {"zh": _RANGE.zh, "en": _RANGE.en})
        return self


class CalendarDay(Model):
    """One day."""

    day: Day
    working: bool
    is_estimated: Annotated[bool, Field(description=_ESTIMATED)]


class CalendarDays(Model):
    """Days in order, and how many of them are worked."""

    region: RegionCode
    working_days: int
    is_estimated: Annotated[bool, Field(description=_ESTIMATED)]
    items: list[CalendarDay]


class TermQuery(Model):
    """A term from a day; the day itself is not counted."""

    start: Day
    days: Annotated[int, Field(ge=-DAYS_MAX, le=DAYS_MAX)]
    kind: DayCount
    region: RegionCode | None = None


class TermRead(Model):
    """The last day of a term."""

    end: Day
    is_estimated: Annotated[bool, Field(description=_ESTIMATED)]
