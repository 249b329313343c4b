"""Compose assets."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chassis.audit.checkpoints import sealed_event
from chassis.errors import Message
from chassis.files.parameters import KEEP_IMPORTS_DAYS
from chassis.parameters.catalogue import Catalogue
from chassis.service import Service
from services.assets.base import Table
from services.assets.contract import EVENTS
from services.assets.subscriptions import PEOPLE

SERVICE: Final = Service(
    name="assets",
    title=Message("扶贫项目资产台账", "Ledger of project assets"),
    about=Message(
        "尚无业务功能：目前只有公共接口（任务、文件、参数、日历、审计、变更）和事件约定。"
        "后续提供资产登记与六权、运营与收益分配、管护、处置、双线排查与公示。",
        "No business yet: only what every service has (jobs, files, parameters, calendar, audit, changes), and the"
        " events that it will publish. To come: the ledger and its six rights, operation and distribution of income,"
        " upkeep, disposal, inspection of both lines, disclosure.",
    ),
    tables=Table.metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    package=__package__,
    parameters=Catalogue((KEEP_IMPORTS_DAYS,)),
    change_kinds=("asset", "distribution", "post_share"),
    projections=(PEOPLE,),
    events=(*EVENTS, sealed_event("assets")),
)
