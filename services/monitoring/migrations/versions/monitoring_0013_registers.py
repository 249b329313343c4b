"""The special registers: a table for each, all beginning with the same columns, and one for what is amiss in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import guard
from services.monitoring.registers.ddl import INSTANT, NOW, day, money, number, register, text, yes_no

revision = "monitoring_0013"
down_revision = "monitoring_0012"
branch_labels = None
depends_on = None

_LINE = "line IN ('government', 'school')"
_PAID = ("in_policy_fen", "basic_fen", "serious_fen", "aid_fen")
_PAID_NOT_NEGATIVE = "in_policy_fen >= 0 AND basic_fen >= 0 AND serious_fen >= 0 AND aid_fen >= 0"
_TABLES = (
    "register_dropout", "register_dropout_duty", "register_return_visit", "register_school_return", "register_house",
    "register_house_repair", "register_house_damage", "register_water", "register_water_access", "register_chronic",
    "register_student_aid", "register_medical_stay", "register_medical_year", "register_resettled",
    "register_finding",
)  # fmt: skip


def _school() -> None:
    register(
        "register_dropout",
        [text("status"), text("stage", nullable=True), text("school", nullable=True)],
        {
            "known_status": "status IN ('enrolled', 'enrolled_elsewhere', 'home_teaching', 'exempt_medical',"
            " 'suspended', 'graduated', 'dropped_out')"
        },
        of_person=True,
    )
    register(
        "register_dropout_duty",
        [text("line"), text("duty"), text("holder")],
        {"known_line": _LINE},
        of_person=True,
    )
    register(
        "register_return_visit",
        [text("line"), text("outcome"), text("note", nullable=True)],
        {"known_line": _LINE, "known_outcome": "outcome IN ('agreed', 'refused', 'away', 'unfit')"},
        of_person=True,
    )
    register("register_school_return", [text("school"), text("stage", nullable=True)], {}, of_person=True)
    register(
        "register_student_aid",
        [
            sa.Column("school_year", sa.SmallInteger(), nullable=False),
            text("stage"),
            yes_no("is_cross_county"),
            *money("due_fen", "received_fen"),
            number("payments"),
        ],
        {"not_negative": "due_fen >= 0 AND received_fen >= 0 AND payments >= 0"},
        of_person=True,
    )


def _homes() -> None:
    register(
        "register_house",
        [text("house_no"), text("grade"), yes_no("is_only_house"), day("repaired_on")],
        {"known_grade": "grade IN ('A', 'B', 'C', 'D')"},
        of_person=False,
    )
    register(
        "register_house_repair",
        [text("house_no"), day("due_on", nullable=False), day("started_on"), day("accepted_on")],
        {
            "begun_before_accepted": "accepted_on IS NULL OR started_on IS NOT NULL",
            "accepted_after_begun": "accepted_on >= started_on",
        },
        of_person=False,
    )
    register(
        "register_house_damage",
        [text("house_no"), text("damage"), text("note", nullable=True)],
        {"known_damage": "damage IN ('cracked', 'leaking', 'sunk', 'collapsed', 'other')"},
        of_person=False,
    )
    register(
        "register_water",
        [number("days_off", nullable=True), day("restored_on"), text("quality", nullable=True)],
        {"days_not_negative": "days_off >= 0", "known_quality": "quality IN ('pass', 'fail')"},
        of_person=False,
    )
    register(
        "register_water_access",
        [number("distance_metres", nullable=True), number("reliability_percent", nullable=True)],
        {
            "distance_not_negative": "distance_metres >= 0",
            "reliability_is_a_share": "reliability_percent BETWEEN 0 AND 100",
            "says_something": "distance_metres IS NOT NULL OR reliability_percent IS NOT NULL",
        },
        of_person=False,
    )
    register(
        "register_resettled",
        [number("labour_count"), number("working_count"), number("stable_count")],
        {
            "stable_among_labour": "stable_count BETWEEN 0 AND labour_count",
            "working_among_labour": "working_count BETWEEN 0 AND labour_count",
        },
        of_person=False,
    )


def _health() -> None:
    register(
        "register_chronic",
        [text("illness"), day("signed_on"), day("ends_on")],
        {"known_illness": "illness IN ('hypertension', 'diabetes', 'tuberculosis', 'mental')"},
        of_person=True,
    )
    register(
        "register_medical_stay",
        [text("stay_no"), *money(*_PAID)],
        {"not_negative": _PAID_NOT_NEGATIVE},
        of_person=True,
    )
    register(
        "register_medical_year",
        [
            sa.Column("year", sa.SmallInteger(), nullable=False),
            number("stays"),
            yes_no("is_favoured"),
            *money(*_PAID, "self_pay_fen", "serious_due_fen", "aid_cap_fen"),
        ],
        {
            "not_negative": _PAID_NOT_NEGATIVE,
            "sums_not_negative": "self_pay_fen >= 0 AND serious_due_fen >= 0 AND aid_cap_fen >= 0",
        },
        of_person=True,
    )


def _findings() -> None:
    table = "register_finding"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        text("register_code"),
        text("code"),
        text("duty"),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        text("state"),
        day("found_on", nullable=False),
        day("closed_on"),
        sa.Column("recorded_at", INSTANT, server_default=NOW, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f(f"ck_{table}_known_state")),
        sa.CheckConstraint("(state = 'closed') = (closed_on IS NOT NULL)", name=op.f(f"ck_{table}_closed_on_a_day")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f(f"fk_{table}_household_id_household")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    open_ones = sa.text("state = 'open'")
    op.create_index(f"uq_{table}_open", table, ["fact_id", "code"], unique=True, postgresql_where=open_ones)
    op.create_index(op.f(f"ix_{table}_state_region_id"), table, ["state", "region", "id"])
    op.create_index(
        op.f(f"ix_{table}_register_code_state_region_id"), table, ["register_code", "state", "region", "id"]
    )
    op.create_index(op.f(f"ix_{table}_household_id"), table, ["household_id"])
    guard(op, table)


def upgrade() -> None:
    _school()
    _homes()
    _health()
    _findings()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
