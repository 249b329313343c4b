"""The special registers: a table for each, all beginning with the same columns, and one for what is amiss in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import guard

revision = "monitoring_0013"
down_revision = "monitoring_0012"
branch_labels = None
depends_on = None

_PRESENT = sa.text("replaced_at IS NULL")
_NOW = sa.text("clock_timestamp()")
_INSTANT = sa.DateTime(timezone=True)


def _money(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _day(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def _yes_no(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _register(table: str, own: list[sa.Column[object]], checks: dict[str, str], *, of_person: bool) -> None:
    rules = {
        "ends_after_it_begins": "holds_to IS NULL OR holds_to >= holds_from",
        "known_source": "source IN ('department', 'computed', 'officer', 'cadre')",
        "departments_name_their_row": "(source = 'department') = (source_record IS NOT NULL)",
        "fits_its_grain": "person_id IS NOT NULL" if of_person else "person_id IS NULL",
        **checks,
    }
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        _text("fact_key"),
        _day("holds_from", nullable=False),
        _day("holds_to"),
        _text("source"),
        sa.Column("county", sa.BigInteger(), nullable=False),
        sa.Column("source_record", sa.Uuid(), nullable=True),
        sa.Column("source_batch", sa.Uuid(), nullable=True),
        _text("recorded_by"),
        _text("reason", nullable=True),
        sa.Column("recorded_at", _INSTANT, server_default=_NOW, nullable=False),
        sa.Column("replaced_at", _INSTANT, nullable=True),
        *own,
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f(f"fk_{table}_household_id_household")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person")),
        sa.PrimaryKeyConstraint("id", "version", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"uq_{table}_present_key", table, ["fact_key"], unique=True, postgresql_where=_PRESENT)
    op.create_index(f"uq_{table}_present_id", table, ["id"], unique=True, postgresql_where=_PRESENT)
    op.create_index(op.f(f"ix_{table}_region_id_version"), table, ["region", "id", "version"])
    op.create_index(op.f(f"ix_{table}_household_id"), table, ["household_id"])
    if of_person:
        op.create_index(op.f(f"ix_{table}_person_id"), table, ["person_id"])
    guard(op, table)


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
    _register(
        "register_dropout",
        [_text("status"), _text("stage", nullable=True), _text("school", nullable=True)],
        {
            "known_status": "status IN ('enrolled', 'enrolled_elsewhere', 'home_teaching', 'exempt_medical',"
            " 'suspended', 'graduated', 'dropped_out')"
        },
        of_person=True,
    )
    _register(
        "register_dropout_duty",
        [_text("line"), _text("duty"), _text("holder")],
        {"known_line": _LINE},
        of_person=True,
    )
    _register(
        "register_return_visit",
        [_text("line"), _text("outcome"), _text("note", nullable=True)],
        {"known_line": _LINE, "known_outcome": "outcome IN ('agreed', 'refused', 'away', 'unfit')"},
        of_person=True,
    )
    _register("register_school_return", [_text("school"), _text("stage", nullable=True)], {}, of_person=True)
    _register(
        "register_student_aid",
        [
            sa.Column("school_year", sa.SmallInteger(), nullable=False),
            _text("stage"),
            _yes_no("is_cross_county"),
            *_money("due_fen", "received_fen"),
            _number("payments"),
        ],
        {"not_negative": "due_fen >= 0 AND received_fen >= 0 AND payments >= 0"},
        of_person=True,
    )


def _homes() -> None:
    _register(
        "register_house",
        [_text("house_no"), _text("grade"), _yes_no("is_only_house"), _day("repaired_on")],
        {"known_grade": "grade IN ('A', 'B', 'C', 'D')"},
        of_person=False,
    )
    _register(
        "register_house_repair",
        [_text("house_no"), _day("due_on", nullable=False), _day("started_on"), _day("accepted_on")],
        {
            "begun_before_accepted": "accepted_on IS NULL OR started_on IS NOT NULL",
            "accepted_after_begun": "accepted_on >= started_on",
        },
        of_person=False,
    )
    _register(
        "register_house_damage",
        [_text("house_no"), _text("damage"), _text("note", nullable=True)],
        {"known_damage": "damage IN ('cracked', 'leaking', 'sunk', 'collapsed', 'other')"},
        of_person=False,
    )
    _register(
        "register_water",
        [_number("days_off", nullable=True), _day("restored_on"), _text("quality", nullable=True)],
        {"days_not_negative": "days_off >= 0", "known_quality": "quality IN ('pass', 'fail')"},
        of_person=False,
    )
    _register(
        "register_water_access",
        [_number("distance_metres", nullable=True), _number("reliability_percent", nullable=True)],
        {
            "distance_not_negative": "distance_metres >= 0",
            "reliability_is_a_share": "reliability_percent BETWEEN 0 AND 100",
            "says_something": "distance_metres IS NOT NULL OR reliability_percent IS NOT NULL",
        },
        of_person=False,
    )
    _register(
        "register_resettled",
        [_number("labour_count"), _number("working_count"), _number("stable_count")],
        {
            "stable_among_labour": "stable_count BETWEEN 0 AND labour_count",
            "working_among_labour": "working_count BETWEEN 0 AND labour_count",
        },
        of_person=False,
    )


def _health() -> None:
    _register(
        "register_chronic",
        [_text("illness"), _day("signed_on"), _day("ends_on")],
        {"known_illness": "illness IN ('hypertension', 'diabetes', 'tuberculosis', 'mental')"},
        of_person=True,
    )
    _register(
        "register_medical_stay",
        [_text("stay_no"), *_money(*_PAID)],
        {"not_negative": _PAID_NOT_NEGATIVE},
        of_person=True,
    )
    _register(
        "register_medical_year",
        [
            sa.Column("year", sa.SmallInteger(), nullable=False),
            _number("stays"),
            _yes_no("is_favoured"),
            *_money(*_PAID, "self_pay_fen", "serious_due_fen", "aid_cap_fen"),
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
        _text("register_code"),
        _text("code"),
        _text("duty"),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        _text("state"),
        _day("found_on", nullable=False),
        _day("closed_on"),
        sa.Column("recorded_at", _INSTANT, server_default=_NOW, nullable=False),
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
