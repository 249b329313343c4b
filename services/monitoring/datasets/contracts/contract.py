"""Describe one kind of department file completely: columns, key of a duplicate, period, and what reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind, label_key


class Period(StrEnum):
    """What one file covers; ``event`` is a push of single events in any month."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    SCHOOL_YEAR = "school_year"
    EVENT = "event"


_CODE: Final = re.compile(r"[a-z]+\.[a-z_]+", re.ASCII)

SUBMISSION_FIELDS: Final = ("source_dept", "batch_no")
"""Fields of every row (clause B11) that no clerk types: the submission says who hands in and under which batch."""

EVENT_DATE: Final = "event_date"


def common_columns(event: Column) -> tuple[Column, ...]:
    """The columns that every file begins with; ``event`` says when a row's matter happened or up to when it counts."""
    return (
        Column(
            name="id_no",
            label="身份证号",
            kind=Kind.IDENTITY_NUMBER,
            required=True,
            aliases=("身份证号码", "公民身份号码", "证件号码", "证件号"),
            note="按文本格式填写，18 位",
            example="610999197403123010",
        ),
        Column(
            name="name",
            label="姓名",
            aliases=("人员姓名", "参保人姓名", "本人姓名"),
            required=True,
            max_length=50,
            example="陈大山",
        ),
        Column(name="household_id", label="户编号", aliases=("家庭编号", "户号"), max_length=64, note="知道才填，可空"),
        Column(
            name="region_code",
            label="区划代码",
            aliases=("行政区划代码", "村代码"),
            max_length=12,
            note="12 位，知道才填，可空",
            example="610999101203",
        ),
        event,
    )


def happened(label: str, *aliases: str, kind: Kind = Kind.DAY, note: str = "", example: str = "2024-05-20") -> Column:
    """The column with the day or month of the matter."""
    return Column(name=EVENT_DATE, label=label, aliases=aliases, kind=kind, required=True, note=note, example=example)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A published column contract, one version of it.

    :ivar code: ``department.kind``; the same for all versions.
    :ivar department: the code of the office that hands it in, see :mod:`.departments`.
    :ivar valid_from, valid_to: first and last day on which files may follow this version; open if None.
    :ivar event: the column of the matter's date.
    :ivar own: the columns beside the common ones.
    :ivar key: columns that make two rows the same; a duplicate is by these alone.
    :ivar complete_list: a file closed as complete says of everyone absent that they are not on the list.
    :ivar feeds: the table of the screening snapshot that accepted rows become; None if they feed registers alone.
    :ivar facts: columns of that table → our columns they are taken from unchanged.
    :ivar derived: columns of that table → how they are computed at intake.
    :ivar texts: columns of free text that a record keeps, since a register shows them; all others stay out.
    :ivar rules: the clue rules that read it.
    """

    code: str
    department: str
    title: Message
    version: int
    valid_from: date
    period: Period
    event: Column
    own: tuple[Column, ...]
    key: tuple[str, ...]
    feeds: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    derived: Mapping[str, str] = field(default_factory=dict)
    complete_list: bool = False
    valid_to: date | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column of the file, in the template's order."""
        return (*common_columns(self.event), *self.own)

    def in_force(self, on: date) -> bool:
        """Whether files handed in on a day may follow this version."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    def faults(self) -> list[str]:
        """Every way in which the contract contradicts itself; empty for a sound one."""
        columns = {column.name: column for column in self.columns}
        found = []
        if len(columns) != len(self.columns):
            found.append("a column name is repeated")
        headings = [label_key(text) for column in self.columns for text in (column.label, *column.aliases)]
        if len(set(headings)) != len(headings):
            found.append("two columns share a heading")
        if self.event.name != EVENT_DATE or self.event.kind not in (Kind.DAY, Kind.MONTH) or not self.event.required:
            found.append("the event column is not a required day or month")
        found += [f"key column {name} is missing or optional" for name in self.key if not _is_required(columns, name)]
        if "id_no" not in self.key and not any(name.endswith("_no") for name in self.key):
            found.append("the key tells no person, stay, loan or call")
        found += [f"fact {name} comes from no column" for name, source in self.facts.items() if source not in columns]
        found += [f"text {name} is no column" for name in self.texts if name not in columns]
        found += [f"{name} is both taken and derived" for name in self.facts if name in self.derived]
        amounts = [column for column in self.columns if column.kind is Kind.AMOUNT]
        found += [
            f"amount {column.name} does not end in _fen" for column in amounts if not column.name.endswith("_fen")
        ]
        numbers = [column for column in self.columns if column.kind in (Kind.AMOUNT, Kind.INTEGER)]
        # A reading below what can be would pass for a small one, and whoever it is about would be missed.
        found += [f"number {column.name} has no least value" for column in numbers if column.minimum is None]
        if self.valid_to is not None and self.valid_to < self.valid_from:
            found.append("it ends before it begins")
        if self.version < 1 or not _CODE.fullmatch(self.code):
            found.append("code or version is malformed")
        return found


def _is_required(columns: Mapping[str, Column], name: str) -> bool:
    return name in columns and columns[name].required
