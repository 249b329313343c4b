"""公示名单: a list that hangs in a village, of a type that cannot hold an ID number, phone, account or health fact.

Each field is a date, a count, an entry of a closed list or a text that is checked when it is made, so that no code that
composes a list can put a personal fact on it. What is put together is looked through once more before it is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.paper.document import Document, Note, Paragraph, Signatures, Table, plain, texts
from chassis.security.masking import find_identity_numbers
from services.monitoring.codes.monitoring import MonitoringType, Risk
from services.monitoring.codes.work_and_school import Health
from services.monitoring.paper.parameters import is_office_line

HOTLINE: Final = "12317"
_DIGITS_MAX: Final = 7
"""More in a row name somebody or something of theirs, unless they are a day."""
_RUN: Final = re.compile(rf"\d(?:[\s-]?\d){{{_DIGITS_MAX},}}")
_DAY: Final = re.compile(r"(?:19|20)\d{2}-[01]\d-[0-3]\d")
_HEALTH: Final = re.compile(
    "|".join([*(one.label for one in Health if one is not Health.HEALTHY), "病", "残", "医疗", "住院", "手术", "伤"])
)
_NAME: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|[·.* ]){0,49}")
_PLACE: Final = re.compile(r"[^\W\d_][\w（）()·]{0,49}")


class NotForThePublic(ValueError):
    """A text that may not hang in a village; it is not repeated."""


class PublicReason(StrEnum):
    """Why a household is on the list, in words that tell of nobody's health.

    What is spent on an illness or at school, and work that is lost, look the same from outside.
    """

    LIVELIHOOD = "收入减少或支出增加"
    DISASTER = "受灾"
    DWELLING = "住房或饮水安全"


def public_reason(risks: Iterable[str]) -> PublicReason:
    """The category of a household's first risk."""
    first = next(iter(risks), None)
    if first == Risk.NATURAL_DISASTER:
        return PublicReason.DISASTER
    return PublicReason.DWELLING if first in {Risk.UNSAFE_HOUSING, Risk.UNSAFE_WATER} else PublicReason.LIVELIHOOD


class PublicPurpose(StrEnum):
    """What the list is shown for."""

    ENTRY = "拟纳入监测对象"
    ELIMINATION = "拟风险消除监测对象"


@dataclass(frozen=True, slots=True)
class PublicName:
    """A householder's name, or what the area shows of it.

    :raises NotForThePublic: if it is anything but a name.
    """

    text: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.text):
            raise NotForThePublic("no name")

    def with_middle_hidden(self) -> PublicName:
        """陈大山 → 陈*山, 王芳 → 王*; parts of a name keep their joints: 阿依古丽·买买提 → 阿***·**提."""
        first, last = self.text[0], self.text[-1] if len(self.text) > 2 else "*"
        inner = "".join(sign if sign in "·. " else "*" for sign in self.text[1:-1])
        return PublicName(first + inner + last) if len(self.text) > 1 else PublicName(first)


@dataclass(frozen=True, slots=True)
class PublicPlace:
    """The name of a village, office or place.

    :raises NotForThePublic: if it tells anything else.
    """

    text: str

    def __post_init__(self) -> None:
        if not _PLACE.fullmatch(self.text) or re.search(r"\d{4}", self.text):
            raise NotForThePublic("no place")


@dataclass(frozen=True, slots=True)
class OfficeTelephone:
    """A hotline, or an office's landline.

    :raises NotForThePublic: for the number of a person.
    """

    text: str

    def __post_init__(self) -> None:
        if not is_office_line(self.text):
            raise NotForThePublic("no office's telephone")


@dataclass(frozen=True, slots=True)
class PublicLine:
    """One household on the list; without a name once its people live in another one."""

    name: PublicName | None
    members: int
    type: MonitoringType | None
    reason: PublicReason


def _labels() -> dict[MonitoringType, PublicPlace]:
    return {one: PublicPlace(one.label) for one in MonitoringType}


@dataclass(frozen=True, slots=True)
class PublicListPaper:
    """The whole of what hangs in a village.

    :param shown_until: the last of the days for which it hangs. ``type_labels``: what the area calls the types by then,
        checked as the names of places are.
    """

    purpose: PublicPurpose
    village: PublicPlace
    lines: tuple[PublicLine, ...]
    shown_from: date
    shown_until: date
    office: PublicPlace
    telephone: OfficeTelephone
    type_labels: Mapping[MonitoringType, PublicPlace] = field(default_factory=_labels)


def public_list(paper: PublicListPaper) -> Document:
    """The list as it is printed.

    :raises NotForThePublic: if anything on it may not hang in public after all.
    """
    rows = tuple(
        (
            str(number),
            "—" if line.name is None else line.name.text,
            str(line.members),
            "—" if line.type is None else paper.type_labels[line.type].text,
            line.reason.value,
        )
        for number, line in enumerate(paper.lines, 1)
    )
    document = Document(
        title=f"{paper.purpose.value}公示名单",
        subtitle=paper.village.text,
        blocks=(
            Paragraph(
                f"经农户申报或干部排查、入户核实、部门比对和村民民主评议，现将{paper.village.text}{paper.purpose.value}"
                f"名单予以公示，公示期为{_chinese(paper.shown_from)}至{_chinese(paper.shown_until)}。"
                f"如有异议，请在公示期内向{paper.office.text}反映。"
            ),
            Table(("序号", "户主姓名", "人口", "类型", "原因类别"), rows, (1, 3, 1, 3, 4), empty="本期没有公示对象"),
            Paragraph(f"受理单位：{paper.office.text}  受理电话：{paper.telephone.text}", indent=False),
            Paragraph(f"监督电话：{HOTLINE}", indent=False),
            Note("公示内容不含证件号码、电话、账号和个人健康信息。"),
            Signatures(("公示单位（盖章）", "公示日期")),
        ),
        foot=f"{paper.village.text} 公示名单",
        size=13,
    )
    for text in texts(plain(document)):
        if found := personal_facts(text):
            raise NotForThePublic(", ".join(found))
    return document


def personal_facts(text: str) -> list[str]:
    """Which kinds of fact ``text`` shows that no public list may: ``identity_number``, ``digits``, ``health``.

    ``digits`` are a run as long as a mobile or an account; an office's landline has seven or eight after its hyphen.
    """
    found = []
    text = _DAY.sub("日", text)
    if find_identity_numbers(text):
        found.append("identity_number")
    if any(not _is_landline(text, run) for run in _RUN.finditer(text)):
        found.append("digits")
    if _HEALTH.search(text):
        found.append("health")
    return found


def _is_landline(text: str, run: re.Match[str]) -> bool:
    return is_office_line(run[0]) and run[0].startswith("0") and not text[run.end() : run.end() + 1].isdigit()


def _chinese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
