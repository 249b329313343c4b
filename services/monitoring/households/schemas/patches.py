"""What may be changed of a household or a person, and which state is asked for."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictBool

from chassis.http.pagination import Page, PageQuery
from chassis.identity_numbers import DisabilityNumberField, PhoneField
from chassis.types import AwareDatetime, Day, Integer, Model, PersonName, RegionCode, ShortText
from services.monitoring.codes.ethnicity import Ethnicity
from services.monitoring.codes.persons import Education, MaritalStatus, Sex
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage


class HouseholdPatch(Model):
    """Fields to change (RFC 7396): what is absent stays as it is, null empties a field that may be empty."""

    address: ShortText | None = None
    registration_region: RegionCode | None = Field(None, description="户籍地, where it is registered.")
    national_no: ShortText | None = Field(None, description="户编号 of the national system.")
    phone: PhoneField | None = None
    is_resettled: StrictBool | None = None
    land_mu_hundredths: Annotated[Integer, Field(ge=0, le=10_000_000)] | None = None
    valid_from: Day | None = Field(None, description="From when the change holds; absent: today.")


class PersonPatch(Model):
    """Fields of a person to change (RFC 7396); identity number, relation and state have calls of their own.

    Birth date and sex follow from the identity number and can be changed only of a person without one.
    """

    name: PersonName | None = None
    birth_date: Day | None = None
    sex: Sex | None = None
    disability_number: DisabilityNumberField | None = None
    national_no: ShortText | None = None
    ethnicity: Ethnicity | None = None
    marriage: MaritalStatus | None = None
    education: Education | None = None
    school_stage: SchoolStage | None = None
    labour_skill: LabourSkill | None = None
    health: Annotated[list[Health], Field(max_length=4)] | None = None
    phone: PhoneField | None = None
    is_insured: StrictBool | None = None
    is_left_behind: StrictBool | None = None
    is_soldier: StrictBool | None = None
    valid_from: Day | None = Field(None, description="From when the change holds; absent: today.")


class StateQuery(Model):
    """Which state: of which day, as known when. Both absent: the present one."""

    on: Day | None = Field(None, description="The state of this day, today or earlier.")
    known_at: AwareDatetime | None = Field(None, description="As it was on record at this instant, now or earlier.")

    @property
    def is_past(self) -> bool:
        """Whether another state than the present one is asked for."""
        return self.on is not None or self.known_at is not None


class VersionRow(Model):
    """One version of a household or person."""

    version: int
    valid_from: Day = Field(description="From when it holds.")
    recorded_at: AwareDatetime
    region: RegionCode
    state: str
    fields: list[str] = Field(description="What differs from the version before; empty for the first one shown.")


class VersionPage(Page[VersionRow]):
    """One page of versions, the first one first."""


class VersionQuery(PageQuery):
    """Which versions."""
