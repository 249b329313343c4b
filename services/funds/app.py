"""Compose funds."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chassis.audit.checkpoints import sealed_event
from chassis.errors import Message
from chassis.files.parameters import KEEP_IMPORTS_DAYS
from chassis.parameters.catalogue import Catalogue
from chassis.service import Service
from services.funds.base import Table
from services.funds.contract import EVENTS
from services.funds.subscriptions import PEOPLE

SERVICE: Final = Service(
    name="funds",
    title=Message("衔接资金", "Funds for consolidation and revitalisation"),
    about=Message(
        "尚无业务功能：目前只有公共接口（任务、文件、参数、日历、审计、变更）和事件约定。"
        "后续提供复式资金账、项目库、计划与合同、支付、三级两账核对、绩效、公示公告与小额信贷。",
        "No business yet: only what every service has (jobs, files, parameters, calendar, audit, changes), and the"
        " events that it will publish. To come: the double-entry ledger, the project library, plans and contracts,"
        " payments, reconciliation of the books of three levels, performance, disclosure, small credit.",
    ),
    tables=Table.metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    package=__package__,
    parameters=Catalogue((KEEP_IMPORTS_DAYS,)),
    change_kinds=("project", "payment", "loan"),
    projections=(PEOPLE,),
    events=(*EVENTS, sealed_event("funds")),
)
