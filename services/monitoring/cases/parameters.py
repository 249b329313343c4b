"""The numbers of the case procedure, each an area's own dated row: plan and limit, near and late, publicity, votes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from chassis.parameters.reader import ParameterBook
from services.monitoring.cases.rules.clock import Alarm, escalation_fault, read_escalation
from services.monitoring.cases.rules.plan import Plan, plan_fault, read_plan

PLAN: Final = "cases.plan"
NEAR_DAYS: Final = "cases.near_days"
ESCALATION: Final = "cases.escalation"
PUBLICITY_DAYS: Final = "cases.publicity_days"
VOTE_PERCENT: Final = "cases.vote_percent"
DISPATCH_CAP: Final = "cases.dispatch_cap"
ELIMINATION_MONTHS: Final = "cases.elimination.months"
ELIMINATION_WAGE_MONTHS: Final = "cases.elimination.wage_months"
ELIMINATION_PUBLICITY_DAYS: Final = "cases.elimination.publicity_days"
ELIMINATION_COMPARISON_DAYS: Final = "cases.elimination.comparison_days"
ELIMINATION_STEP_DAYS: Final = "cases.elimination.step_days"
FOLLOW_UP_AFTER_DAYS: Final = "cases.follow_up.after_days"
CHECKLIST_TOWN: Final = "cases.checklist.town"
CHECKLIST_COUNTY: Final = "cases.checklist.county"
YEARLY_UPDATE_DAYS: Final = "cases.yearly_update_days"
_FROM: Final = date(2021, 1, 1)
_CHOSEN: Final = "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it"
_STEPS: Final = (
    "limit 15 calendar",
    "dispatched 1",
    "verified 2",
    "compared 1",
    "village_reviewed 1",
    "publicity 5",
    "passed 1",
    "town_ok 1",
    "county_ok 3",
    "registered 0",
)
DEFAULT_PLAN: Final = read_plan(_STEPS)
"""The plan of an area that has decided on none; 15 days and their order are clause B8's."""


def _definition(
    key: str, kind: ParameterType, unit: str, zh: str, en: str, value: Any, source: str, **more: Any
) -> Definition:
    return Definition(key, kind, unit, Message(zh, en), defaults=(Default(value, source, _FROM),), **more)


DEFINITIONS: Final = (
    _definition(
        PLAN,
        ParameterType.LIST,
        "",
        "纳入程序：总时限、步骤次序与天数",
        "The way to the register: the limit, the steps in their order and their lengths",
        list(_STEPS),
        "条款 B8：线索至纳入15天；各步天数自定 / clause B8: 15 days from the clue to the register; lengths chosen here",
        check=plan_fault,
    ),
    _definition(
        NEAR_DAYS,
        ParameterType.INTEGER,
        "天",
        "提前几天提示临近",
        "Days before its due at which a step is near",
        1,
        _CHOSEN,
        minimum=0,
    ),
    _definition(
        ESCALATION,
        ParameterType.LIST,
        "",
        "超期几天提级提示",
        "How late a step is when a level is told",
        ["town 1", "county 2", "city 5"],
        _CHOSEN,
        check=escalation_fault,
    ),
    _definition(
        PUBLICITY_DAYS,
        ParameterType.INTEGER,
        "天",
        "村内公示天数",
        "Whole days for which a list is shown in the village",
        5,
        "中农组发〔2021〕7号：村内公示不少于5天 / at least five days, in the village",
        minimum=1,
    ),
    _definition(
        VOTE_PERCENT,
        ParameterType.INTEGER,
        "%",
        "评议通过须超过的同意比例",
        "Share of votes in favour that a review must exceed",
        50,
        _CHOSEN,
        minimum=1,
        maximum=99,
    ),
    _definition(
        ELIMINATION_MONTHS,
        ParameterType.INTEGER,
        "月",
        "纳入满几个月方可消除风险",
        "Months on the register before a risk may be eliminated",
        6,
        "条款 B10：纳入满6个月 / clause B10: at least six months",
        minimum=0,
    ),
    _definition(
        ELIMINATION_WAGE_MONTHS,
        ParameterType.INTEGER,
        "月",
        "消除风险时每项工资在近12个月中须满几个月",
        "Months of the window for which each wage has to run, for elimination",
        6,
        "条款 B10：收入稳定6个月 / clause B10: income stable for six months",
        minimum=0,
        maximum=12,
    ),
    _definition(
        ELIMINATION_PUBLICITY_DAYS,
        ParameterType.INTEGER,
        "天",
        "消除风险村内公示天数",
        "Whole days for which a list of eliminations is shown in the village",
        5,
        "条款 B8：不少于5天，平江县为7天 / clause B8: at least five days; seven in Pingjiang",
        minimum=1,
    ),
    _definition(
        ELIMINATION_COMPARISON_DAYS,
        ParameterType.INTEGER,
        "天",
        "消除风险前部门比对的反馈天数，0 为不再比对",
        "Days that departments have for the comparison before an elimination; 0: they are not asked again",
        2,
        "条款 B8：第3天核实、第5天比对；条款 B10 / clause B8: verified by day 3, compared by day 5; clause B10",
        minimum=0,
    ),
    _definition(
        ELIMINATION_STEP_DAYS,
        ParameterType.INTEGER,
        "天",
        "消除风险各步办理天数（公示期满后起算）",
        "Days for each step of an elimination, from the one before it; the town's begin once the list has hung",
        3,
        _CHOSEN,
        minimum=0,
        maximum=366,
    ),
    _definition(
        FOLLOW_UP_AFTER_DAYS,
        ParameterType.INTEGER,
        "天",
        "标注消除后第几天转入跟踪",
        "Days from the elimination to the follow-up",
        1,
        _CHOSEN,
        minimum=0,
    ),
    _definition(
        CHECKLIST_TOWN,
        ParameterType.LIST,
        "",
        "乡镇审核须核对的事项（完整性、抽查）",
        "What a town looks at before it approves: completeness, spot checks",
        [],
        _CHOSEN,
    ),
    _definition(
        CHECKLIST_COUNTY,
        ParameterType.LIST,
        "",
        "县级审定须核对的事项",
        "What the county looks at before it approves",
        [],
        _CHOSEN,
    ),
    _definition(
        YEARLY_UPDATE_DAYS,
        ParameterType.INTEGER,
        "天",
        "年度核算期结束后几天内完成信息更新",
        "Days after the annual window within which a household's yearly data are updated",
        60,
        _CHOSEN,
        minimum=1,
    ),
    _definition(
        DISPATCH_CAP,
        ParameterType.INTEGER,
        "户",
        "每村每日新分派上限",
        "New cases that one village is sent on one day; the rest waits at the county",
        20,
        _CHOSEN,
        minimum=1,
    ),
)


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """A plan and the row that says it, kept with each case that is worked by it."""

    plan: Plan
    source: str
    items: list[str]


def plan_in_force(book: ParameterBook, *, region: int, on: date) -> PlanInForce:
    """The area's plan on a day."""
    row = book.row(PLAN, region=region, on=on)
    return PlanInForce(read_plan(row.value), row.source, list(row.value))


def alarm_in_force(book: ParameterBook, *, region: int, on: date) -> Alarm:
    """What near and late mean in the area on a day."""
    near = book.integer(NEAR_DAYS, region=region, on=on)
    return Alarm(near, read_escalation(book.items(ESCALATION, region=region, on=on)))
