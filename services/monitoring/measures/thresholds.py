"""What measures are held against, as dated parameters of an area: which kinds answer a risk, limits of the schemes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from services.monitoring.codes.measures import INSURANCES
from services.monitoring.codes.monitoring import MeasureKind, Risk

MATCH: Final[Mapping[Risk, str]] = {risk: f"measures.match.risk_{risk.value}" for risk in Risk}
"""The key of the kinds that answer a risk; an empty list: any kind does that names the risk."""
DEVELOPMENTAL: Final = "measures.developmental.kinds"
DEVELOPMENTAL_MONTHS: Final = "measures.developmental.months"
FIRST_MONTHS: Final = "measures.first.months"
PLAN_DAYS: Final = "measures.plan.days"
CREDIT_AMOUNT: Final = "measures.micro_credit.amount_max"
CREDIT_EXTENDED: Final = "measures.micro_credit.extended_amount_max"
CREDIT_MONTHS: Final = "measures.micro_credit.months_max"
CREDIT_AGE_MIN: Final = "measures.micro_credit.age_min"
CREDIT_AGE_MAX: Final = "measures.micro_credit.age_max"
CREDIT_SUBSIDY: Final = "measures.micro_credit.subsidy_percent"
YULU_YEAR: Final = "measures.yulu.year_amount"
YULU_TERM: Final = "measures.yulu.term_amount"
INSURANCE: Final = "measures.insurance.kinds"

_FROM: Final = date(2013, 1, 1)
_MATCHED: Final = "条款 B9；全国系统导出数据通行的核查规则 / clause B9; checks in use on the national system's exports"
_CREDIT: Final = "条款 B9：脱贫人口小额信贷 / clause B9: micro-credit"
_K = MeasureKind
_ANSWERS: Final[Mapping[Risk, tuple[MeasureKind, ...]]] = {
    Risk.ILLNESS: (_K.HEALTH, _K.COMPREHENSIVE_SECURITY, _K.SOCIAL),
    Risk.SCHOOLING: (_K.OTHER_EDUCATION, _K.COMPULSORY_EDUCATION, _K.SOCIAL),
    Risk.DISABILITY: (_K.COMPREHENSIVE_SECURITY, _K.SOCIAL),
    Risk.UNSAFE_HOUSING: (_K.HOUSING, _K.RESETTLEMENT),
    Risk.UNSAFE_WATER: (_K.WATER,),
}


def _kinds(key: str, kinds: tuple[MeasureKind, ...], zh: str, en: str, source: str) -> Definition:
    default = Default([kind.value for kind in kinds], source, _FROM)
    choices = tuple(kind.value for kind in MeasureKind)
    return Definition(key, ParameterType.LIST, "", Message(zh, en), choices=choices, defaults=(default,))


def _number(key: str, value: int, unit: str, zh: str, en: str, source: str) -> Definition:
    default = Default(value, source, _FROM)
    return Definition(key, ParameterType.INTEGER, unit, Message(zh, en), minimum=0, defaults=(default,))


def _money(key: str, fen: int, zh: str, en: str, source: str) -> Definition:
    default = Default(fen, source, _FROM)
    return Definition(key, ParameterType.MONEY, "元", Message(zh, en), minimum=0, defaults=(default,))


DEFINITIONS: Final = (
    *(
        _kinds(
            MATCH[risk],
            _ANSWERS.get(risk, ()),
            f"与风险“{risk.label}”相匹配的帮扶措施类别",
            f"Kinds of measures that answer risk {risk.value}; none listed: any that names it",
            _MATCHED,
        )
        for risk in Risk
    ),
    _kinds(
        DEVELOPMENTAL,
        (_K.INDUSTRY, _K.WORK, _K.FINANCE, _K.PUBLIC_POST),
        "开发式帮扶措施类别",
        "Kinds of developmental measures",
        "条款 B9；全国系统导出数据通行的核查规则 / clause B9; checks in use on the national system's exports",
    ),
    _number(DEVELOPMENTAL_MONTHS, 6, "月", "有劳动力户落实开发式帮扶的时限", "Developmental help, in months", _MATCHED),
    _number(
        FIRST_MONTHS,
        1,
        "月",
        "纳入后落实首项帮扶的时限",
        "First measure after registration, in months",
        "条款 B8 / clause B8",
    ),
    _number(
        PLAN_DAYS,
        10,
        "天",
        "纳入后制定帮扶计划的时限",
        "Plan after registration, in days",
        "条款 B8；天数自定 / clause B8; days chosen here",
    ),
    _money(CREDIT_AMOUNT, 50_000_00, "小额信贷额度", "Limit of a micro-credit", _CREDIT),
    _money(CREDIT_EXTENDED, 100_000_00, "小额信贷续贷、追加后的额度", "Limit of an extended micro-credit", _CREDIT),
    _number(CREDIT_MONTHS, 36, "月", "小额信贷期限", "Longest micro-credit, in months", _CREDIT),
    _number(CREDIT_AGE_MIN, 18, "周岁", "小额信贷借款人最低年龄", "Youngest borrower", _CREDIT),
    _number(CREDIT_AGE_MAX, 65, "周岁", "小额信贷借款人最高年龄", "Oldest borrower", _CREDIT),
    Definition(
        CREDIT_SUBSIDY,
        ParameterType.INTEGER,
        "%",
        Message("小额信贷贴息比例", "Share of a micro-credit's interest that is subsidised"),
        minimum=0,
        maximum=100,
        defaults=(
            Default(
                100,
                "条款 B9：贴息至2023年底为100% / clause B9: all of it to the end of 2023",
                _FROM,
                date(2023, 12, 31),
            ),
            Default(
                70,
                "条款 B9：青阳县2024—2025年做法 / clause B9: as Qingyang county sets it",
                date(2024, 1, 1),
                date(2025, 12, 31),
            ),
        ),
    ),
    _money(
        YULU_YEAR,
        3_000_00,
        "雨露计划每学年补助",
        "雨露 for a school year",
        "条款 B9：雨露计划 / clause B9: Yulu grants",
    ),
    _money(YULU_TERM, 1_500_00, "雨露计划每学期补助", "雨露 for a term", "条款 B9：雨露计划 / clause B9: Yulu grants"),
    Definition(
        INSURANCE,
        ParameterType.LIST,
        "",
        Message("本地开办的防贫保险", "Insurances against poverty that the area offers"),
        choices=tuple(kind.value for kind in INSURANCES),
        defaults=(
            Default(
                [kind.value for kind in INSURANCES],
                "岚发〔2021〕7号；湖北2019年稳定脱贫意见；条款 B9 / clause B9",
                _FROM,
            ),
        ),
    ),
)
