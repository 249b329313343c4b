"""Who may give a consent for whom, and on which days it counts (clause B8, F6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from chassis.errors import Fault, Message

GUARDED_UNTIL_AGE: Final = 14
"""Below this age a child's data needs a guardian's consent (个人信息保护法 art. 31): law, no setting of an area."""

ADULT_AGE: Final = 18
"""民法典 art. 17."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a household gave its word: on paper, on a screen, or by voice."""

    is_paper: bool
    has_sheet: bool
    is_spoken: bool
    has_witness: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as it is handed in."""

    signed_by: UUID
    covers: Sequence[UUID]
    signed_on: date
    expires_on: date | None
    way: Way


def refusals(given: Given, *, born: Mapping[UUID, date], today: date, latest: date) -> list[Fault]:
    """Everything that stands against taking a consent.

    :param born: the household's present members, with their days of birth.
    :param latest: the last day on which it may still count.
    """
    faults = []
    if given.signed_on > today:
        faults.append(Fault("/signed_on", "in_the_future", _MESSAGES["future"]))
    if given.expires_on is not None and not given.signed_on <= given.expires_on <= latest:
        message = Message(
            f"有效期止日应在 {given.signed_on} 至 {latest} 之间。", f"Give a day from {given.signed_on} to {latest}."
        )
        faults.append(Fault("/expires_on", "expiry_out_of_bounds", message))
    for place, person in enumerate(given.covers):
        if person not in born:
            faults.append(Fault(f"/covers/{place}", "not_a_member", _MESSAGES["member"]))
    if given.signed_by not in born:
        faults.append(Fault("/signed_by", "not_a_member", _MESSAGES["member"]))
    elif age_on(born[given.signed_by], given.signed_on) < ADULT_AGE and _needs_guardian(given, born):
        faults.append(Fault("/signed_by", "guardian_needed", _MESSAGES["guardian"]))
    return faults + refusals_of_way(given.way)


def refusals_of_way(given: Way, pointer: str = "") -> list[Fault]:
    """What stands against how it was given: paper has its sheet, and what is said has a witness."""
    faults = []
    if given.is_paper and not given.has_sheet:
        faults.append(Fault(f"{pointer}/file_id", "sheet_missing", _MESSAGES["sheet"]))
    if given.is_spoken and not given.has_witness:
        faults.append(Fault(f"{pointer}/witness_name", "witness_missing", _MESSAGES["witness"]))
    return faults


def counts(*, signed_on: date, expires_on: date, withdrawn_on: date | None, on: date) -> bool:
    """Whether a consent counts on a day: signed, not expired, and not withdrawn on that day or before."""
    return signed_on <= on <= expires_on and (withdrawn_on is None or on < withdrawn_on)


def age_on(born: date, on: date) -> int:
    """Full years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _needs_guardian(given: Given, born: Mapping[UUID, date]) -> bool:
    return any(age_on(born[one], given.signed_on) < GUARDED_UNTIL_AGE for one in given.covers if one in born)


_MESSAGES: Final = {
    "future": Message("签署日期不能晚于今天。", "The day of signing cannot lie ahead."),
    "member": Message("此人不是该户现有成员，请核对。", "This person is no present member of the household."),
    "guardian": Message(
        "涉及未满14周岁的成员，须由成年监护人签署。", "It covers a child under 14: an adult guardian must sign."
    ),
    "sheet": Message(
        "纸质签署请先上传签字页照片或扫描件（用途 consent_sheet），填写 file_id。",
        "Upload a photo or scan of the signed sheet (purpose consent_sheet) and name it as file_id.",
    ),
    "witness": Message(
        "电话或视频给出的，请填写见证人姓名。", "Name the witness of what was said by telephone or video."
    ),
}
