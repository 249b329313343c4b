"""参保缴费来源: who paid what of a person's insurance in a year, 农户, 财政, 集体, 企业 and 社会 (H-31, S-10)."""

# ruff: noqa: S608  # every name put into a query is a constant of a register's module
from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import BigInteger, CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Message
from chassis.exports.columns import ExportType
from services.monitoring.codes.registers import InsuranceKind
from services.monitoring.datasets.contracts import payers
from services.monitoring.registers.described import FactField, FactGrain, Feed, FindingRule, Register
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, rows_of, text_of

_MEDICAL: Final = "medical.contributions"
_POVERTY: Final = "finance.poverty_insurance"
_BASIC: Final = f"'{InsuranceKind.BASIC_MEDICAL}'"
_DIFFER: Final = f"{' + '.join(f'f.{name}' for name in payers.PAYERS)} <> f.contribution_fen"


class InsuranceContribution(Fact, table=True):
    """参保缴费: a person's contribution of a year by policy or voucher, and each payer's part of it, in 分."""

    __tablename__: ClassVar[Any] = "register_insurance_contribution"
    __table_args__ = fact_rules(
        "register_insurance_contribution",
        FactGrain.PERSON,
        CheckConstraint(
            "insurance IN ('basic_medical', 'house', 'industry', 'injury', 'liability', 'tuition')", "known_insurance"
        ),
        CheckConstraint(f"least(contribution_fen, {', '.join(payers.PAYERS)}) >= 0", "not_negative"),
    )

    insurance: str = Field(sa_type=Text)
    voucher_no: str = Field(sa_type=Text)
    contribution_fen: int = Field(sa_type=BigInteger)
    individual_fen: int = Field(sa_type=BigInteger)
    government_fen: int = Field(sa_type=BigInteger)
    collective_fen: int = Field(sa_type=BigInteger)
    enterprise_fen: int = Field(sa_type=BigInteger)
    society_fen: int = Field(sa_type=BigInteger)


def _contributions(dataset: str, insurance: str) -> str:
    """Facts of a contract's rows, a year each; of two rows about one voucher and year the later day's counts."""
    year, voucher = cast_of("insured_year", "integer"), text_of("voucher_no")
    parts = ", ".join(f"coalesce({cast_of(name, 'bigint')}, 0) AS {name}" for name in payers.PAYERS)
    return f"""(
        SELECT DISTINCT ON (r.person_id, {year}, {voucher}) r.household_id, r.region, r.person_id,
               '{dataset}:' || r.person_id || ':' || {year} || ':' || ({voucher}) AS fact_key,
               make_date({year}, 1, 1) AS holds_from, make_date({year}, 12, 31) AS holds_to, r.source_record,
               r.source_batch, {insurance} AS insurance, {voucher} AS voucher_no,
               {cast_of("contribution_fen", "bigint")} AS contribution_fen, {parts}
        FROM ({rows_of(dataset, FactGrain.PERSON, "insured_year", "voucher_no")}) AS r
        ORDER BY r.person_id, {year}, {voucher}, r.event_date DESC
    )"""


def _money(name: str, zh: str, en: str) -> FactField:
    return FactField(name=name, label=Message(zh, en), kind=ExportType.MONEY, unit="元", required=True)


def _differ(code: str, duty: str, whose: str) -> FindingRule:
    """What the payers gave is not the contribution: the department whose row it is puts it right."""
    return FindingRule(
        code=code,
        label=Message("各方缴费之和与应缴金额不符", "The payers' amounts do not add up to the contribution"),
        duty=duty,
        condition=f"{whose} AND {_DIFFER}",
    )


PAYERS: Final = Register(
    code="insurance_contribution",
    title=Message("参保缴费来源台账", "Register of who paid contributions to insurance"),
    clause="条款 H-31（湖北2019年稳定脱贫意见）防贫保险: 农户、政府、社会分担，S-10（四川有效衔接实施意见）参保资助",
    grain=FactGrain.PERSON,
    table=InsuranceContribution,
    fields=(
        FactField(name="insurance", label=Message("险种", "Insurance"), codes=InsuranceKind, required=True),
        FactField(
            name="voucher_no", label=Message("保单号或缴费凭证号", "Policy or voucher"), required=True, maximum=64
        ),
        _money("contribution_fen", "应缴金额", "Contribution"),
        _money("individual_fen", "个人缴费", "Paid by the person"),
        _money("government_fen", "财政补贴", "Paid by government"),
        _money("collective_fen", "集体缴费", "Paid by the collective"),
        _money("enterprise_fen", "企业缴费", "Paid by enterprises"),
        _money("society_fen", "社会资助", "Paid by society"),
    ),
    feed=Feed(
        datasets=(_MEDICAL, _POVERTY),
        select=(f"{_contributions(_MEDICAL, _BASIC)} UNION ALL {_contributions(_POVERTY, text_of('insurance_kind'))}"),
    ),
    findings=(
        _differ("medical_payers_differ", "medical", "f.insurance = 'basic_medical'"),
        _differ("poverty_payers_differ", "finance", "f.insurance <> 'basic_medical'"),
    ),
)
