"""What the public form takes, and what a town sees of it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from chassis.errors import Message
from chassis.http.pagination import Page, PageQuery
from chassis.identity_numbers import IdentityNumberField, PhoneField
from chassis.types import Code, Day, Model, PersonName, RegionCode, Text
from services.monitoring.codes.cases import NoticeWay
from services.monitoring.codes.clues import Channel

RECEIPT_LENGTH = 26
_FORM: Final = Message(
    "请照回执填写 26 位回执号，只含字母和数字 2 至 7。",
    "Give the receipt as it was shown: 26 signs, letters and the digits 2 to 7.",
)
_WHO: Final = Message("请填写联系电话或身份证号，以便核对。", "Give a phone or an ID number, so that you can be found.")


def _as_shown(value: object) -> object:
    """A receipt as somebody types it off a paper: small letters, and blanks or hyphens between groups.

    :raises PydanticCustomError: if it has another form.
    """
    text = re.sub(r"[\s-]", "", value).upper() if isinstance(value, str) else ""
    if not re.fullmatch(rf"[A-Z2-7]{{{RECEIPT_LENGTH}}}", text):
        raise PydanticCustomError("receipt_form", "no receipt", {"zh": _FORM.zh, "en": _FORM.en})
    return text


Receipt = Annotated[
    str, BeforeValidator(_as_shown), WithJsonSchema({"type": "string", "pattern": f"^[A-Z2-7]{{{RECEIPT_LENGTH}}}$"})
]
OwnChannel = Literal[
    Channel.SELF_APP, Channel.TOWN_WINDOW, Channel.HOTLINE_12317, Channel.HOTLINE_12345, Channel.UNION,
    Channel.YOUTH_LEAGUE, Channel.WOMENS_FEDERATION, Channel.OTHER,
]  # fmt: skip


class SelfReportCreate(Model):
    """一键申报: tell of your own trouble, without signing in. Give a phone or an ID number, so that you are found."""

    name: PersonName
    region: RegionCode = Field(description="Your village, or your town.")
    phone: PhoneField | None = None
    identity_number: IdentityNumberField | None = None
    description: Text = Field(min_length=1, max_length=500, description="What happened.")
    channel: OwnChannel = Channel.SELF_APP

    @model_validator(mode="after")
    def _can_be_found(self) -> SelfReportCreate:
        if self.phone is None and self.identity_number is None:
            raise PydanticCustomError("reporter_unknown", "nobody to ask", {"zh": _WHO.zh, "en": _WHO.en})
        return self


class SelfReportReceipt(Model):
    """The receipt, shown once; with it alone the state can be asked for."""

    receipt: Receipt


class SelfReportStatusQuery(Model):
    """Ask for the state by receipt; in the body, so that it stands in no log of addresses."""

    receipt: Receipt


class OutcomeKind(StrEnum):
    """How a self-report came to nothing."""

    NOT_OURS = "not_ours"
    DISMISSED = "dismissed"
    REFUSED = "refused"


class SelfReportOutcome(Model):
    """Why a self-report came to nothing; report again any time with new facts, and 12317 takes a complaint."""

    kind: OutcomeKind = Field(
        description="`not_ours`: of no household here. `dismissed`: no case was made of it. `refused`: its case ended."
    )
    reason: Code | None = Field(None, description="A code of `clue_dismissal` or `case_refusal`.")
    reason_label: str | None = None
    decided_on: Day | None = None
    told_on: Day | None = Field(None, description="When the household was told.")
    told_how: NoticeWay | None = None


class SelfReportStatus(Model):
    """`received` until somebody has judged it, then `handled`; it never says whether a person is registered."""

    state: Literal["received", "handled"]
    outcome: SelfReportOutcome | None = Field(None, description="Only where the report came to nothing.")


class SelfReportState(StrEnum):
    """Where a self-report stands for the town."""

    WAITING = "waiting"
    MATCHED = "matched"
    NOT_OURS = "not_ours"


class SelfReportQuery(PageQuery):
    """Which self-reports."""

    state: SelfReportState = SelfReportState.WAITING


class SelfReportRead(Model):
    """A self-report as the town sees it."""

    id: UUID
    region: RegionCode
    channel: Channel
    state: SelfReportState
    name: str
    phone_masked: str | None
    identity_number_masked: str | None
    description: str
    received_on: Day
    hit_id: UUID | None
    version: int


class SelfReportPage(Page[SelfReportRead]):
    """Self-reports, the oldest first."""


class SelfReportMatch(Model):
    """Whose it is: a household of your area, or nobody's here, with a note."""

    household_id: UUID | None = Field(None, description="Absent: not ours; then a note is required.")
    note: Text | None = Field(None, max_length=500)
