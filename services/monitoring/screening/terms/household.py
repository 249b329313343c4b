"""What a rule may ask about a household (clauses B1–B4 and the household aggregates of B11)."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.terms.kinds import amount, count, flag
from services.monitoring.screening.vocabulary import Term

_ROLLING = ("最近一次按前十二个整月计算的收入", "the latest statement over twelve whole months")
_ANNUAL = ("最近一次年度更新（10月1日至次年9月30日）", "the latest yearly update (1 October to 30 September)")
_PREVIOUS = ("上一次年度更新", "the yearly update a year before the latest")

REGISTRY: Final[tuple[Term, ...]] = (
    flag("is_lifted", ("脱贫户", "lifted household"), ("建档立卡已脱贫户", "A registered household that left poverty."),
         part="household_base", source="registry"),
    flag("is_monitored", ("监测对象", "monitored household"),
         ("已识别且风险未消除的监测对象", "Registered as at risk and not eliminated on the day of screening."),
         part="household_base", source="registry"),
    flag("is_resettled", ("易地搬迁户", "resettled household"),
         ("易地扶贫搬迁户", "Moved by the relocation programme."), part="household_base", source="registry"),
    amount("line_fen", ("监测范围线", "monitoring line"),
           ("筛查日适用的年人均收入线；县设“观察”或“纳入”时含县线；无线时未知",
            "The yearly line per person on the day of screening, county line included where it watches or registers."),
           part="household_base", source="lines"),
)  # fmt: skip

AGGREGATES: Final[tuple[Term, ...]] = (
    count("members", ("家庭人口", "members"), ("筛查日在册家庭成员数", "Living members on the day of screening."),
          part="household_members", source="registry", unit="persons", high=100),
    count("labour_members", ("劳动力人数", "members fit for work"),
          ("劳动年龄内、有技能、普通或弱劳动力、非在校生的成员数",
           "Members of working age with skilled, ordinary or weak labour who are not students."),
          part="household_labour", source="registry", unit="persons", high=100),
    count("employed_members", ("就业人数", "members at work"),
          ("劳动力中正在务工就业（含现役）的人数；有人情况不明且无人在业时未知",
           "Members fit for work who work now or serve; unknown if none is known to work and one is not known."),
          part="household_labour", source="work.status", unit="persons", high=100),
    count("labour_idle_months_min", ("最短失业月数", "shortest time without work"),
          ("各劳动力未务工整月数中最短者，不含筛查当月；有人情况不明时未知",
           "Fewest whole months without work among members fit for work; unknown if one is not known."),
          part="household_labour", source="work.status", unit="months", high=1200),
    count("not_insured_members", ("未参保人数", "members not insured"),
          ("本年度已知未参加基本医保的成员数，异地参保不算未参保；名单未报全时只计明确未参保的人",
           "Members known to lack basic insurance this year; until the list is complete only those reported."),
          part="household_insurance", source="medical.insurance", unit="persons", high=100),
    count("not_insured_soldiers", ("其中现役军人", "of them soldiers"),
          ("未参保人数中的现役军人", "Soldiers among the members not insured."),
          part="household_insurance", source="medical.insurance", unit="persons", high=100),
    count("not_insured_newborns", ("其中宽限期新生儿", "of them newborns in grace"),
          ("未参保人数中出生未满宽限天数的新生儿（不重复计现役军人）",
           "Newborns within the days of grace among the members not insured."),
          part="household_insurance", source="medical.insurance", unit="persons", high=100),
    count("resettlement_employed_members", ("搬迁台账就业人数", "at work by the resettlement ledger"),
          ("搬迁后续扶持台账最近一次登记的就业人数", "Members at work in the latest row of the resettlement ledger."),
          part="household_resettlement", source="reform.resettlement", unit="persons", high=100),
)  # fmt: skip


def _statement(prefix: str, which: tuple[str, str]) -> tuple[Term, ...]:
    zh, en = which
    short = {"rolling": ("近十二个月", "twelve-month"), "annual": ("年度", "yearly"),
             "annual_previous": ("上年度", "previous yearly")}[prefix]  # fmt: skip
    return (
        amount(f"{prefix}_net_fen", (f"{short[0]}家庭纯收入", f"{short[1]} net income"),
               (f"家庭纯收入：{zh}", f"Net income of the household: {en}."),
               part="household_income", source="income", signed=True),
        amount(f"{prefix}_ref_fen", (f"{short[0]}参考收入", f"{short[1]} reference income"),
               (f"纯收入加理赔减合规自付：{zh}", f"Net income plus claims less compliant self-pay: {en}."),
               part="household_income", source="income", signed=True),
        count(f"{prefix}_members", (f"{short[0]}核算人口", f"members of the {short[1]} statement"),
              (f"核算时的家庭人口：{zh}", f"Members counted in the statement: {en}."),
              part="household_income", source="income", unit="persons", low=1, high=100),
    )  # fmt: skip


INCOME: Final[tuple[Term, ...]] = (
    *_statement("rolling", _ROLLING),
    *_statement("annual", _ANNUAL),
    *_statement("annual_previous", _PREVIOUS),
)

HOUSEHOLD: Final[tuple[Term, ...]] = (*REGISTRY, *AGGREGATES, *INCOME)
