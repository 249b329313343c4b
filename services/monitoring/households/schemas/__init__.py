"""What the registry takes and shows. ID numbers and phones go in whole and come out masked."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StrictBool

from chassis.http.pagination import Page, PageQuery
from chassis.identity_numbers import DisabilityNumberField, IdentityNumberField, PhoneField
from chassis.types import AwareDatetime, ClientId, Day, Integer, Model, NamePrefix, PersonName, RegionCode, ShortText
from services.monitoring.codes.ethnicity import Ethnicity
from services.monitoring.codes.monitoring import MonitoringType, Risk
from services.monitoring.codes.persons import DisabilityClass, DisabilityLevel, Education, MaritalStatus, Sex
from services.monitoring.codes.relations import Relation
from services.monitoring.codes.work_and_school import Health, LabourSkill, SchoolStage

MEMBERS_MAX = 40


class PersonCreate(Model):
    """A person as a cadre or a file registers them.

    Birth date and sex follow from the ID number; without one they are required, with the reason for its absence.
    """

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    name: PersonName
    identity_number: IdentityNumberField | None = None
    no_number_reason: ShortText | None = None
    birth_date: Day | None = None
    sex: Sex | None = None
    relation: Relation
    ethnicity: Ethnicity | None = None
    marriage: MaritalStatus | None = None
    education: Education | None = None
    school_stage: SchoolStage | None = None
    labour_skill: LabourSkill | None = None
    health: list[Health] = Field(default_factory=list, max_length=4)
    disability_number: DisabilityNumberField | None = None
    phone: PhoneField | None = None
    is_insured: StrictBool | None = None
    is_left_behind: StrictBool = False
    is_soldier: StrictBool = Field(False, description="现役军人: serving, and insured by the forces.")
    national_no: ShortText | None = None


class HouseholdCreate(Model):
    """A household with its members, its head (户主) among them."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    region: RegionCode = Field(description="村: where it is managed.")
    registration_region: RegionCode | None = Field(None, description="Where it is registered, if elsewhere.")
    national_no: ShortText | None = Field(None, description="户编号 of the national system.")
    address: ShortText | None = None
    phone: PhoneField | None = None
    is_lifted: StrictBool = Field(False, description="脱贫户")
    lifted_year: Annotated[Integer, Field(ge=2013, le=2020)] | None = None
    is_resettled: StrictBool = Field(False, description="易地搬迁户")
    land_mu_hundredths: Annotated[Integer, Field(ge=0, le=10_000_000)] | None = None
    valid_from: Day | None = Field(None, description="From when this holds; absent: today.")
    members: Annotated[list[PersonCreate], Field(min_length=1, max_length=MEMBERS_MAX)]


class PersonRead(Model):
    """A person; numbers masked, the name too for who does not work in the county."""

    id: UUID
    household_id: UUID
    region: RegionCode
    name: str
    identity_number_masked: str | None
    no_number_reason: str | None
    birth_date: Day
    sex: Sex
    relation: Relation
    ethnicity: Ethnicity | None
    marriage: MaritalStatus | None
    education: Education | None
    school_stage: SchoolStage | None
    labour_skill: LabourSkill | None
    health: list[Health] | None = Field(description="Absent for who has no case to work on.")
    disability_class: DisabilityClass | None
    disability_level: DisabilityLevel | None
    phone_masked: str | None
    is_insured: bool | None
    is_left_behind: bool
    is_soldier: bool
    national_no: str | None
    state: str
    died_on: Day | None
    version: int
    valid_from: Day
    recorded_at: AwareDatetime


class HouseholdRead(Model):
    """A household with its members."""

    id: UUID
    region: RegionCode
    registration_region: RegionCode
    national_no: str | None
    address: str | None = Field(description="Down to the village for who does not work in the county.")
    phone_masked: str | None
    is_lifted: bool
    lifted_year: int | None
    is_resettled: bool
    monitoring_type: MonitoringType | None
    risks: list[Risk] = Field(description="Without those that tell of health, for who has no case to work on.")
    registered_on: Day | None
    eliminated_on: Day | None
    land_mu_hundredths: int | None
    member_count: int
    state: str
    successor_id: UUID | None
    origin: str
    version: int
    valid_from: Day
    recorded_at: AwareDatetime
    members: list[PersonRead]
    open_findings: int | None = Field(
        description="疑点: doubts about its data that wait for a cadre; absent in the state of an earlier day."
    )


class HouseholdRow(Model):
    """A household in a list."""

    id: UUID
    region: RegionCode
    national_no: str | None
    head_name: str | None
    member_count: int
    is_lifted: bool
    monitoring_type: MonitoringType | None
    risks: list[Risk]
    state: str
    version: int


class HouseholdPage(Page[HouseholdRow]):
    """One page of households."""


class HouseholdQuery(PageQuery):
    """The search of an officer and the list of a cadre."""

    region: RegionCode | None = Field(None, description="Everything inside this division; default: your whole area.")
    name: NamePrefix | None = Field(None, description="姓名前缀 of any member; such a search is kept in the audit.")
    purpose: ShortText | None = Field(None, description="What a search by name is for; kept in the audit.")
    is_lifted: bool | None = None
    monitoring_type: MonitoringType | None = None
    risk: Risk | None = None
    state: Literal["active", "dissolved", "merged", "moved_out"] = "active"


class RevealRequest(Model):
    """Why somebody needs to see the numbers; kept in the audit."""

    purpose: ShortText
    fields: Annotated[list[str], Field(min_length=1, max_length=3)]


class Revealed(Model):
    """The numbers of one person, whole."""

    person_id: UUID
    identity_number: str | None = None
    disability_number: str | None = None
    phone: str | None = None
