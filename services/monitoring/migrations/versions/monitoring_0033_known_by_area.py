"""What a division knew stays with it: facts name their basis and move no longer, and a case's course has versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from chassis.database.migrate import data_step, guard

revision = "monitoring_0033"
down_revision = "monitoring_0032"
branch_labels = None
depends_on = None

_FACT, _COURSE = "monitoring_fact", "case_course"
# A case says by what it registered; facts that an export added to the same registration have it from that case.
_BASIS = """
    UPDATE monitoring_fact AS fact SET known_since = recorded_at, basis = coalesce(
        (SELECT basis FROM monitoring_case AS own WHERE own.id = fact.source_id AND fact.source = 'case'),
        (SELECT basis FROM monitoring_case AS own
         WHERE own.household_id = fact.household_id AND own.registered_on = fact.registered_on
         ORDER BY own.id DESC LIMIT 1)
    )
"""
# A fact had moved along with its household. Where a version of that lay, then or later, it was known.
_KNOWN = """
    SELECT fact.household_id, fact.number, version.region,
           min(greatest(fact.recorded_at, version.recorded_at)) AS known_since
    FROM monitoring_fact AS fact JOIN (
        SELECT id, region, recorded_at, replaced_at FROM household_history
        UNION ALL SELECT id, region, recorded_at, 'infinity' FROM household
    ) AS version ON version.id = fact.household_id AND version.replaced_at > fact.recorded_at
    GROUP BY 1, 2, 3
"""
_HERE = f"""
    UPDATE monitoring_fact AS fact SET known_since = known.known_since FROM ({_KNOWN}) AS known
    WHERE (known.household_id, known.number, known.region) = (fact.household_id, fact.number, fact.region)
      AND known.known_since <> fact.known_since
"""  # noqa: S608  # constants only
_COPIED = """
    holds_from, monitoring_type, risks, disaster_kind, risk_note, registered_on, eliminated_on, elimination_mode,
    ended_on, ended_as, basis, source, source_id, recorded_at
"""
_ELSEWHERE = f"""
    INSERT INTO monitoring_fact (household_id, number, region, known_since, {_COPIED})
    SELECT household_id, number, known.region, known.known_since, {_COPIED}
    FROM ({_KNOWN}) AS known JOIN monitoring_fact AS fact USING (household_id, number)
    WHERE fact.region <> known.region
"""  # noqa: S608  # constants only
_ONLY_HERE = """
    DELETE FROM monitoring_fact AS fact USING household
    WHERE household.id = fact.household_id AND household.region <> fact.region
"""

# The course of each case as it was known after each step, move and word about its help; the last one lies where it does.
_COURSES = """
    WITH own AS MATERIALIZED (
        SELECT own.id, own.household_id, own.region, own.day_0, first.recorded_at AS begun_at, (
            SELECT least(min(coalesce((
                SELECT min(record.event_date) FROM department_record AS record
                WHERE record.id = ANY(hit.source_records)
            ), hit.hit_on)), own.day_0)
            FROM hit WHERE hit.clue_id = CAST(first.details ->> 'clue' AS uuid)
        ) AS changed_on
        FROM monitoring_case AS own JOIN case_step AS first ON first.case_id = own.id AND first.number = 1
        WHERE own.origin = 'clue'
    ), said AS MATERIALIZED (
        SELECT own.id, given.id AS measure_id, word.*
        FROM own JOIN measure AS given USING (household_id) CROSS JOIN LATERAL (
            SELECT given.version, given.started_on, given.state, given.recorded_at
            UNION ALL
            SELECT past.version, CAST(past.document ->> 'started_on' AS date), past.document ->> 'state',
                   CAST(past.document ->> 'recorded_at' AS timestamptz)
            FROM measure_history AS past WHERE past.id = given.id
        ) AS word
    ), moved AS MATERIALIZED (
        SELECT case_id, number, recorded_at, CAST(details ->> 'from' AS bigint) AS from_region,
               CAST(details ->> 'to' AS bigint) AS to_region
        FROM case_step WHERE action = 'move'
    ), instant AS (
        SELECT own.id, step.recorded_at FROM own JOIN case_step AS step ON step.case_id = own.id
        WHERE step.number = 1 OR step.action IN ('confirm', 'register', 'eliminate', 'move')
        UNION
        SELECT own.id, greatest(said.recorded_at, own.begun_at) FROM own JOIN said USING (id)
    ), known AS (
        SELECT own.*, instant.recorded_at,
               lead(instant.recorded_at) OVER (PARTITION BY own.id ORDER BY instant.recorded_at) AS replaced_at
        FROM own JOIN instant USING (id)
    )
    INSERT INTO case_course (case_id, recorded_at, replaced_at, day_0, changed_on, region, verified_on, registered_on,
                             eliminated_on, helped_on)
    SELECT known.id, known.recorded_at, known.replaced_at, known.day_0, coalesce(known.changed_on, known.day_0),
           CASE WHEN known.replaced_at IS NULL THEN known.region ELSE coalesce(
               (SELECT to_region FROM moved WHERE moved.case_id = known.id AND moved.recorded_at <= known.recorded_at
                ORDER BY number DESC LIMIT 1),
               (SELECT from_region FROM moved WHERE moved.case_id = known.id ORDER BY number LIMIT 1),
               known.region
           ) END,
           step.*, (
               SELECT min(started_on) FROM (
                   SELECT DISTINCT ON (measure_id) started_on, state FROM said
                   WHERE said.id = known.id AND said.recorded_at <= known.recorded_at
                   ORDER BY measure_id, version DESC
               ) AS stood WHERE started_on >= known.day_0 AND state <> 'withdrawn'
           )
    FROM known CROSS JOIN LATERAL (
        SELECT min(done.on_day) FILTER (WHERE done.action = 'confirm'),
               max(done.on_day) FILTER (WHERE done.action = 'register'),
               max(done.on_day) FILTER (WHERE done.action = 'eliminate')
        FROM case_step AS done WHERE done.case_id = known.id AND done.recorded_at <= known.recorded_at
    ) AS step
"""


def upgrade() -> None:
    op.create_table(
        _COURSE,
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("region", sa.BigInteger(), nullable=False),
        sa.Column("day_0", sa.Date(), nullable=False),
        sa.Column("changed_on", sa.Date(), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=True),
        sa.Column("helped_on", sa.Date(), nullable=True),
        sa.Column("eliminated_on", sa.Date(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["monitoring_case.id"], name=op.f("fk_case_course_case_id_monitoring_case")
        ),
        sa.PrimaryKeyConstraint("case_id", "recorded_at", name=op.f("pk_case_course")),
    )
    op.create_index(op.f("ix_case_course_region_day_0"), _COURSE, ["region", "day_0"], unique=False)
    op.create_index(
        "uq_case_course_present", _COURSE, ["case_id"], unique=True, postgresql_where=sa.text("replaced_at IS NULL")
    )
    guard(op, _COURSE)
    op.add_column(_FACT, sa.Column("basis", sa.Text(), nullable=True))
    op.add_column(_FACT, sa.Column("known_since", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("pk_monitoring_fact"), _FACT)
    op.create_primary_key(op.f("pk_monitoring_fact"), _FACT, ["household_id", "number", "region"])
    with data_step(op):
        for statement in (_BASIS, _HERE, _ELSEWHERE, _COURSES):
            op.execute(statement)
    op.alter_column(_FACT, "known_since", nullable=False, server_default=sa.text("clock_timestamp()"))


def downgrade() -> None:
    op.drop_table(_COURSE)
    with data_step(op):
        op.execute(_ONLY_HERE)
    op.drop_constraint(op.f("pk_monitoring_fact"), _FACT)
    op.create_primary_key(op.f("pk_monitoring_fact"), _FACT, ["household_id", "number"])
    op.drop_column(_FACT, "known_since")
    op.drop_column(_FACT, "basis")
