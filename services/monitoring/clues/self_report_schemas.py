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
from services.monitoring.codes.clues import Channel, NotOursReason

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
    """Why a self-report came to nothing, and what its reporter may do now."""

    kind: OutcomeKind = Field(
        description="`not_ours`: of no household here. `dismissed`: no case was made of it. `refused`: its case ended."
    )
    reason: Code | None = Field(
        None, description="A code of `self_report_refusal`, `clue_dismissal` or `case_refusal`."
    )
    reason_label: str | None = None
    decided_on: Day | None = None
    told_on: Day | None = Field(None, description="When the household was told.")
    told_how: NoticeWay | None = None
    turn_to: str = Field(description="Where to turn now, in the language that was asked for.")


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
    reason: NotOursReason | None = Field(None, description="Of those that are `not_ours`.")


class SelfReportRead(Model):
    """A self-report as the town sees it; of one that is `not_ours` neither the whole name nor the words."""

    id: UUID
    region: RegionCode
    channel: Channel
    state: SelfReportState
    name: str
    phone_masked: str | None
    identity_number_masked: str | None
    description: str
    received_on: Day
    handed_from: RegionCode | None = Field(description="The division that handed it on.")
    hit_id: UUID | None
    reason: NotOursReason | None = Field(description="Why it is of nobody here.")
    note: str | None = Field(description="How that was found; shown to who works with households.")
    decided_on: Day | None
    version: int


class SelfReportPage(Page[SelfReportRead]):
    """Self-reports, the oldest first."""


class SelfReportMatch(Model):
    """Whose it is: a household of your area, or nobody's here, with a note."""

    household_id: UUID | None = Field(None, description="Absent: not ours; then reason and note are required.")
    reason: NotOursReason | None = Field(None, description="Why it is not ours. Its reporter learns it.")
    note: Text | None = Field(None, max_length=500, description="How you found so. Its reporter does not see it.")


class SelfReportTakeUp(Model):
    """重新受理: it was said to be of nobody here, and that was wrong."""

    note: Text = Field(min_length=1, max_length=500, description="Why it is looked at again.")


class SelfReportHandOn(Model):
    """转办: the person lives in another town, perhaps of another county, whose officers see it from now on."""

    region: RegionCode = Field(description="The town or village where the person lives.")
    note: Text = Field(min_length=1, max_length=500, description="How you know.")
