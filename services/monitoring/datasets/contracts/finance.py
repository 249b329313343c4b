"""What financial institutions hand in: small credit and its overdue days, insurance against poverty."""

from __future__ import annotations

from datetime import date
from typing import Final

from chassis.errors import Message
from chassis.tabular.columns import Column, Kind
from services.monitoring.datasets.contracts.contract import Contract, Period, happened
from services.monitoring.datasets.contracts.payers import insured_year, paid_columns

_FROM: Final = date(2021, 1, 1)

CONTRACTS: Final = (
    Contract(
        code="finance.credit",
        department="finance",
        title=Message("小额信贷逾期", "small credit overdue"),
        version=1,
        valid_from=_FROM,
        period=Period.MONTH,
        event=happened("统计日期", "截止日期", example="2024-05-31"),
        own=(
            Column(
                name="loan_no",
                label="贷款合同号",
                required=True,
                aliases=("借据号", "合同编号"),
                max_length=64,
                example="XD2023-0001",
            ),
            Column(
                name="credit_days_overdue", label="逾期天数", kind=Kind.INTEGER, minimum=0, required=True, example="35"
            ),
            Column(
                name="overdue_amount_fen",
                label="逾期金额",
                kind=Kind.AMOUNT,
                minimum=0,
                aliases=("逾期本金",),
                example="20000.00",
            ),
        ),
        key=("id_no", "loan_no", "event_date"),
        feeds="record_credit",
        facts={"event_date": "event_date", "credit_days_overdue": "credit_days_overdue"},
        derived={"loan_ref": "rank of loan_no among the person's loans, from 1"},
        rules=("R20",),
    ),
    Contract(
        code="finance.poverty_insurance",
        department="finance",
        title=Message("防贫保险参保缴费", "insurance against poverty"),
        version=1,
        valid_from=_FROM,
        period=Period.YEAR,
        event=happened("起保日期", "投保日期"),
        own=(
            Column(
                name="voucher_no",
                label="保单号",
                required=True,
                aliases=("保险单号",),
                max_length=64,
                example="FP2024000001",
            ),
            Column(
                name="insurance_kind",
                label="险种",
                kind=Kind.CHOICE,
                required=True,
                aliases=("保险类别",),
                choices={
                    "农房保": "house",
                    "产业保": "industry",
                    "伤残保": "injury",
                    "家责保": "liability",
                    "助学保": "tuition",
                },
                example="农房保",
            ),
            insured_year(),
            *paid_columns("保费", "保费合计", "应缴保费"),
        ),
        key=("id_no", "voucher_no", "insured_year"),
    ),
)
