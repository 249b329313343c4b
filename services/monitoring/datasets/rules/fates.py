"""Give each row of a department's file exactly one fate, the first that applies (clause B11)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from chassis.errors import Message
from chassis.identity_numbers import IdentityNumber
from chassis.security.scope import Area
from chassis.tabular import CellFault
from chassis.types import clean
from services.monitoring.datasets.contracts.contract import EVENT_DATE, Contract
from services.monitoring.datasets.rules.periods import Span, belongs


class Fate(StrEnum):
    """What becomes of a row, in the order in which it is decided."""

    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    LATE = "late"
    OUTSIDE = "outside"
    UNMATCHED = "unmatched"
    MATCHED = "matched"


OTHER_PERIOD: Final = "other_period"
_DATING: Final = frozenset({None, EVENT_DATE, "insured_year", "school_year"})  # None: the row as a whole is broken
_REGION: Final = re.compile(r"[1-9][0-9]{5}(?:[0-9]{3}){0,2}", re.ASCII)
_SUMS: Final = frozenset({"合计", "总计", "小计", "共计"})

_REGION_FORM: Final = CellFault(
    "region_form",
    Message(
        "区划代码应为 6、9 或 12 位数字，不清楚可留空。", "A division code has 6, 9 or 12 digits; it may be left empty."
    ),
    "region_code",
)
_FUTURE: Final = CellFault(
    "event_in_future", Message("日期晚于今天，请核对。", "The date lies after today; check it."), EVENT_DATE
)
_OTHER_PERIOD: Final = CellFault(
    OTHER_PERIOD,
    Message(
        "这一行不属于所选报送期，请改到相应报送期提交。",
        "The row belongs to another period; hand it in under that one.",
    ),
    EVENT_DATE,
)
REPEATED: Final = CellFault(
    "repeated_in_batch",
    Message(
        "同一批次中已有相同的行（按本规范的关键列）。", "The batch has this row already, by the key of its contract."
    ),
)
IN_FORCE: Final = CellFault(
    "already_in_force",
    Message("此前的批次已报过同样的内容。", "An earlier batch has said exactly this already."),
)
ELSEWHERE: Final = CellFault("outside", Message("不属于本县。", "This is not of this county."))
UNKNOWN: Final = CellFault(
    "person_unknown",
    Message("没有找到此人，请人工判断。", "No such person was found; decide who it is, or that they are not ours."),
)
NAME_DIFFERS: Final = CellFault(
    "name_differs",
    Message(
        "身份证号相符但姓名不符，请人工判断。",
        "The ID number is known under another name; decide whether it is the person.",
    ),
    "name",
)


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A person of the registry as the county may see them."""

    person_id: UUID
    household_id: UUID
    region: int
    name: str
    state: str


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A row that was read: values by column name, and what is wrong with its form.

    :param identity: canonical ID number; ``identities`` also holds the former one that was written.
    :param region: the twelve-digit division that the row itself names.
    :param in_period: whether it belongs to the period; None where that cannot be read.
    """

    number: int
    values: Mapping[str, Any]
    faults: tuple[CellFault, ...] = ()
    identities: tuple[str, ...] = ()
    region: int | None = None
    in_period: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Judgement:
    """What a row is, apart from lateness.

    :param person: the person it is about, if matched; ``candidate``: who has the number under another name.
    """

    fate: Fate
    reasons: tuple[CellFault, ...] = ()
    person: Known | None = None
    candidate: Known | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Registry:
    """What is known about the persons of a chunk: who holds which number, and those of them who are of the county."""

    owners: Mapping[str, UUID] = field(default_factory=dict)
    persons: Mapping[UUID, Known] = field(default_factory=dict)


def check_row(
    contract: Contract, span: Span, number: int, values: Mapping[str, Any], faults: list[CellFault], *, today: date
) -> Row:
    """Judge the form of a parsed row: ID number, division code, date and period; every fault is listed."""
    found = list(faults)
    faulty = {fault.column for fault in found}
    identities: tuple[str, ...] = ()
    if values.get("id_no") is not None:
        read = IdentityNumber.read(values["id_no"], today=today)
        if isinstance(read, IdentityNumber):
            identities = (read.value,) if read.former is None else (read.value, read.former)
        else:
            found += [CellFault(fault.value, fault.message, "id_no") for fault in read]
    region, written = None, values.get("region_code")
    if written is not None:
        if _REGION.fullmatch(written):
            region = int(written.ljust(12, "0"))
        else:
            found.append(_REGION_FORM)
    in_period, day = None, values.get(EVENT_DATE)
    if day is not None and not faulty & _DATING:
        in_period = belongs(span, contract, values)
        if day > today:
            found.append(_FUTURE)
        elif not in_period:
            found.append(_OTHER_PERIOD)
    return Row(number, values, tuple(found), identities, region, in_period)


def is_sum(first: str | None, identity: str | None) -> bool:
    """Whether a line only adds up those above it: its first text says so, and it names nobody."""
    return _is_sum_word(first) and (identity is None or _is_sum_word(identity))


def is_same_name(one: str, other: str) -> bool:
    """Whether two spellings are one name: width, spaces and the sign between its parts (``·``) tell nothing."""
    return _spelt(one) == _spelt(other)


def judge(row: Row, registry: Registry, *, county: Area, is_repeated: bool) -> Judgement:
    """What a row is, lateness and what is in force apart.

    Somebody known to live elsewhere and a row that names another county end alike, with one reason: a department
    learns nothing about persons of other counties.
    """
    if row.faults:
        return Judgement(Fate.REJECTED, row.faults)
    if is_repeated:
        return Judgement(Fate.DUPLICATE, (REPEATED,))
    if row.region is not None and not county.contains(row.region):
        return Judgement(Fate.OUTSIDE, (ELSEWHERE,))
    owner = next((registry.owners[one] for one in row.identities if one in registry.owners), None)
    if owner is None:
        return Judgement(Fate.UNMATCHED, (UNKNOWN,))
    person = registry.persons.get(owner)
    if person is None or person.state == "moved_out":
        return Judgement(Fate.OUTSIDE, (ELSEWHERE,))
    if person.state == "removed":
        return Judgement(Fate.UNMATCHED, (UNKNOWN,))
    if not is_same_name(row.values["name"], person.name):
        return Judgement(Fate.UNMATCHED, (NAME_DIFFERS,), candidate=person)
    return Judgement(Fate.MATCHED, person=person)


def fate_of(judgement: Fate, *, is_late: bool) -> Fate:
    """The row's fate: what came after the period closed is late, whatever else it is, unless it is nothing new."""
    return Fate.LATE if is_late and judgement not in (Fate.REJECTED, Fate.DUPLICATE) else judgement


def _spelt(name: str) -> str:
    return clean(name).replace(" ", "").replace(".", "·")


def _is_sum_word(written: str | None) -> bool:
    return written is not None and "".join(written.split()).rstrip(":：") in _SUMS
