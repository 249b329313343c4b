"""Registers of support: low-income classes, disability, contributions, monthly benefits, children, Yulu grants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.monitoring.registers.ddl import money, number, register, text

revision = "monitoring_0015"
down_revision = "monitoring_0014"
branch_labels = None
depends_on = None

_OWED = "due_fen >= 0 AND received_fen >= 0 AND payments >= 0"
_AIDED = "kind IN ('destitute', 'subsistence', 'marginal', 'expenditure', 'monitored', 'lifted', 'severely_disabled')"
_TABLES = (
    "register_low_income", "register_guarantee_need", "register_disability", "register_disability_service",
    "register_pension_contribution", "register_insurance_aid", "register_subsistence_extra",
    "register_disability_benefit", "register_child", "register_child_allowance", "register_yulu",
)  # fmt: skip


def _owed(table: str, kinds: str, *own: sa.Column[object], checks: dict[str, str] | None = None) -> None:
    """What is due and was received, period by period."""
    columns = [text("kind"), *money("due_fen", "received_fen"), number("payments"), *own]
    register(table, columns, {"known_kind": kinds, **(checks or {}), "not_negative": _OWED}, of_person=True)


def _people() -> None:
    register(
        "register_low_income",
        [text("low_income_class"), sa.Column("is_single", sa.Boolean(), nullable=True)],
        {"known_class": "low_income_class IN ('subsistence', 'destitute', 'marginal', 'expenditure', 'emergency')"},
        of_person=True,
    )
    register(
        "register_guarantee_need",
        [text("basis")],
        {"known_basis": "basis IN ('severely_disabled', 'seriously_ill', 'no_labour')"},
        of_person=True,
    )
    register(
        "register_disability",
        [text("category", nullable=True), text("level")],
        {
            "known_category": "category IN ('1', '2', '3', '4', '5', '6', '7')",
            "known_level": "level IN ('1', '2', '3', '4')",
        },
        of_person=True,
    )
    register(
        "register_disability_service",
        [text("service"), text("provider"), sa.Column("subsidy_fen", sa.BigInteger(), nullable=True)],
        {"known_service": "service IN ('care', 'rehabilitation')", "subsidy_not_negative": "subsidy_fen >= 0"},
        of_person=True,
    )
    register(
        "register_child",
        [text("kind"), text("guardian", nullable=True)],
        {"known_kind": "kind IN ('orphan', 'unsupported')"},
        of_person=True,
    )
    register(
        "register_yulu",
        [sa.Column("school_year", sa.SmallInteger(), nullable=False), *money("paid_fen")],
        {"not_negative": "paid_fen >= 0"},
        of_person=True,
    )


def _benefits() -> None:
    _owed(
        "register_pension_contribution",
        _AIDED,
        sa.Column("tier_fen", sa.BigInteger(), nullable=True),
        checks={"tier_not_negative": "tier_fen >= 0"},
    )
    _owed("register_insurance_aid", _AIDED)
    _owed(
        "register_subsistence_extra",
        "kind IN ('severely_disabled', 'seriously_ill', 'old', 'minor')",
        *money("standard_fen"),
        checks={"standard_not_negative": "standard_fen >= 0"},
    )
    _owed("register_disability_benefit", "kind IN ('living', 'nursing')")
    _owed("register_child_allowance", "kind IN ('orphan', 'unsupported')")


def upgrade() -> None:
    _people()
    _benefits()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
