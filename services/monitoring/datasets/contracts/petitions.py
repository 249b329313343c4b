"""What the petitions office and hotline 12317 hand in: calls for help."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="petitions.calls",
        department="petitions",
        title=Message("群众诉求", "calls"),
        version=1,
        valid_from=_FROM,
        period=Period.EVENT,
        event=happened("受理日期", "来电日期"),
        own=(
            Column(
                name="call_no",
                label="受理编号",
                required=True,
                aliases=("工单号",),
                max_length=64,
                example="12317-20240520-01",
            ),
            Column(
                name="petition_category",
                label="诉求类别",
                kind=Kind.CHOICE,
                required=True,
                aliases=("内容分类",),
                choices={"生活困难": "hardship", "政策咨询": "policy", "干部作风": "conduct", "其他": "other"},
                example="生活困难",
            ),
            Column(name="content", label="诉求内容", aliases=("内容",), max_length=2000),
        ),
        key=("id_no", "call_no"),
        feeds="record_petition",
        facts={"event_date": "event_date", "petition_category": "petition_category"},
        rules=("R26",),
    ),
)
