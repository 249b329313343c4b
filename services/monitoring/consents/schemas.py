"""What consents take and show."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.types import AwareDatetime, ClientId, Day, Model, PersonName, RegionCode, ShortText
from services.monitoring.codes.evidence import ConsentKind, ConsentPurpose, GivenBy


def _once(values: list[UUID]) -> list[UUID]:
    return list(dict.fromkeys(values))


def _each_purpose_once(values: list[ConsentPurpose]) -> list[ConsentPurpose]:
    return list(dict.fromkeys(values))


class ConsentHelper(Model):
    """代签人: who wrote for somebody who cannot write."""

    name: PersonName
    relation: ShortText = Field(description="与签署人的关系，如邻居、村干部")


class ConsentCreate(Model):
    """承诺书、授权书: what a household signed."""

    id: ClientId | None = Field(None, description="A UUIDv7 made by the client; absent: made here.")
    case_id: UUID | None = None
    kind: ConsentKind
    purposes: Annotated[list[ConsentPurpose], AfterValidator(_each_purpose_once)] = Field(min_length=1, max_length=10)
    covers: Annotated[list[UUID], AfterValidator(_once)] = Field(
        min_length=1, max_length=50, description="The members that it is about."
    )
    signed_by: UUID = Field(description="The member who gave it; for children under 14 an adult guardian.")
    signed_on: Day | None = Field(None, description="Absent: today.")
    expires_on: Day | None = Field(None, description="Absent: as long as the area lets it count.")
    given_by: GivenBy
    file_id: UUID | None = Field(
        None, description="The signed sheet, uploaded with purpose `consent_sheet`; needed for `paper` alone."
    )
    witness_name: PersonName | None = Field(None, description="Needed for `telephone` and `video`.")
    helper: ConsentHelper | None = Field(None, description="Where the signer cannot write.")


class ConsentWithdraw(Model):
    """撤回: from when a consent no longer counts."""

    on: Day | None = Field(None, description="The first day on which it no longer counts. Absent: today.")
    reason: ShortText


class ConsentQuery(Model):
    """Which consents."""

    on: Day | None = Field(None, description="Whether each `counts` is told for this day. Absent: today.")
    counting: bool = Field(default=False, description="Only those that count on that day.")


class ConsentRead(Model):
    """A consent. Names of witness and helper are masked for who does not work with the family."""

    id: UUID
    household_id: UUID
    region: RegionCode
    case_id: UUID | None
    kind: ConsentKind
    purposes: list[ConsentPurpose]
    covers: list[UUID]
    signed_by: UUID
    signed_on: Day
    expires_on: Day
    given_by: GivenBy
    has_sheet: bool
    witness_name: str | None
    helper_name: str | None
    helper_relation: str | None
    withdrawn_on: Day | None
    withdrawn_reason: str | None
    counts: bool = Field(description="Whether it counts on the day asked about: an expired or withdrawn one does not.")
    recorded_at: AwareDatetime
    version: int


class Consents(Model):
    """A household's consents, the newest first."""

    items: list[ConsentRead]
