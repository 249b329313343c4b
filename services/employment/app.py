"""Compose employment."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chassis.audit.checkpoints import sealed_event
from chassis.errors import Message
from chassis.files.parameters import KEEP_IMPORTS_DAYS
from chassis.parameters.catalogue import Catalogue
from chassis.service import Service
from services.employment.base import Table
from services.employment.contract import EVENTS
from services.employment.subscriptions import PEOPLE

SERVICE: Final = Service(
    name="employment",
    title=Message("脱贫人口稳岗就业", "Employment of people who left poverty"),
    about=Message(
        "尚无业务功能：目前只有公共接口（任务、文件、参数、日历、审计、变更）和事件约定。"
        "后续提供一库五册、岗位匹配、技能培训、帮扶车间、公益性岗位、劳务输出、补贴与人才回归。",
        "No business yet: only what every service has (jobs, files, parameters, calendar, audit, changes), and the"
        " events that it will publish. To come: the labour base and its five registers, vacancies and matching,"
        " training, workshops, public posts, trips, subsidies, and the return of talents.",
    ),
    tables=Table.metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    package=__package__,
    parameters=Catalogue((KEEP_IMPORTS_DAYS,)),
    change_kinds=("spell", "income", "subsidy"),
    projections=(PEOPLE,),
    events=(*EVENTS, sealed_event("employment")),
)
