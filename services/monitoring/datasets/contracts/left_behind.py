"""Visits to left-behind people: the columns are the same, whichever office hands them in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened


def left_behind_visits(department: str, kinds: Mapping[str, str]) -> Contract:
    """三留守探访: a department's monthly list of whom it looks after, and who was visited when.

    :param kinds: label → code of the kinds of people that are this department's.
    """
    return Contract(
        code=f"{department}.left_behind_visits",
        department=department,
        title=Message("三留守探访", "left-behind visits"),
        version=1,
        valid_from=date(2021, 1, 1),
        period=Period.MONTH,
        event=happened("统计日期", "截止日期", example="2024-05-31"),
        own=(
            Column(
                name="left_behind_kind",
                label="留守类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("类别",),
                choices=kinds,
                example=next(iter(kinds)),
            ),
            Column(
                name="listed_on",
                label="列入名单日期",
                kind=Kind.DAY,
                required=True,
                aliases=("建档日期",),
                example="2023-09-01",
            ),
            Column(
                name="last_visit_on",
                label="最近探访日期",
                kind=Kind.DAY,
                aliases=("上次探访日期",),
                note="从未探访留空",
            ),
            Column(name="visitor", label="探访人", max_length=50),
        ),
        key=("id_no", "left_behind_kind", "event_date"),
        feeds="record_left_behind",
        facts={
            "event_date": "event_date",
            "left_behind_kind": "left_behind_kind",
            "listed_on": "listed_on",
            "last_visit_on": "last_visit_on",
        },
        complete_list=True,
        rules=("R27",),
    )
