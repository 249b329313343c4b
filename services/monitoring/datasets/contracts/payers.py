"""Who pays what of an insurance's contribution: the columns are the same, whichever office hands them in (H-31)."""

from __future__ import annotations

from typing import Final

from chassis.tabular.columns import Column, Kind

_PAYERS: Final = (
    ("individual_fen", "个人缴费", ("农户缴费", "个人缴纳金额"), "190.00"),
    ("government_fen", "财政补贴", ("财政资助", "政府补贴"), "190.00"),
    ("collective_fen", "集体缴费", ("村集体缴费",), ""),
    ("enterprise_fen", "企业缴费", ("用工企业缴费", "龙头企业缴费"), ""),
    ("society_fen", "社会资助", ("社会捐助", "其他资助"), ""),
)
PAYERS: Final = tuple(name for name, *_ in _PAYERS)
"""The columns of the payers' amounts; together they are the contribution."""


def insured_year() -> Column:
    """The year that a contribution is for."""
    return Column(
        name="insured_year",
        label="参保年度",
        kind=Kind.INTEGER,
        required=True,
        aliases=("年度",),
        minimum=2000,
        maximum=2100,
        example="2024",
    )


def paid_columns(label: str, *aliases: str) -> tuple[Column, ...]:
    """The contribution and what each payer gave of it; an amount that is left out is none.

    :param label: what such an office calls the contribution.
    """
    return (
        Column(
            name="contribution_fen",
            label=label,
            kind=Kind.AMOUNT,
            required=True,
            aliases=aliases,
            minimum=0,
            note="应等于各方缴费之和，元",
            example="380.00",
        ),
        *(
            Column(
                name=name,
                label=payer,
                kind=Kind.AMOUNT,
                aliases=others,
                minimum=0,
                note="没有留空",
                example=example,
            )
            for name, payer, others, example in _PAYERS
        ),
    )
