"""A number's person is looked up for a whole statement; the foreign key did it, and locked the person, row by row.

Persons end by their state. That none is deleted is what lets the check be made without a lock.
"""

from __future__ import annotations

from alembic import op

revision = "monitoring_0032"
down_revision = "monitoring_0027"
branch_labels = None
depends_on = None

_EVENTS = {"insert": "INSERT", "update": "UPDATE"}

# A look into the index for each number: a join could be planned once as a walk through the whole registry. Somebody
# outside the area is nobody here, as everywhere under row-level security.
_BELONGS = """
CREATE FUNCTION person_number_belongs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM written AS w WHERE (SELECT p.id FROM person AS p WHERE p.id = w.person_id) IS NULL
    ) THEN
        RAISE foreign_key_violation USING TABLE = 'person_number', CONSTRAINT = 'fk_person_number_person_id_person',
            MESSAGE = 'a number was written for a person who is not in the registry';
    END IF;
    RETURN NULL;
END
$$
"""
_STAYS = """
CREATE FUNCTION person_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE foreign_key_violation USING TABLE = 'person', CONSTRAINT = 'fk_person_number_person_id_person',
        MESSAGE = 'a person is never deleted and keeps the id: the state says who died, left or was removed';
END
$$
"""


def upgrade() -> None:
    op.drop_constraint("fk_person_number_person_id_person", "person_number", type_="foreignkey")
    op.execute(_BELONGS)
    for name, event in _EVENTS.items():
        op.execute(
            f"CREATE TRIGGER belongs_at_{name} AFTER {event} ON person_number REFERENCING NEW TABLE AS written"
            " FOR EACH STATEMENT EXECUTE FUNCTION person_number_belongs()"
        )
    op.execute(_STAYS)
    op.execute(
        "CREATE TRIGGER stays BEFORE DELETE OR UPDATE OF id ON person"
        " FOR EACH STATEMENT EXECUTE FUNCTION person_stays()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER stays ON person")
    op.execute("DROP FUNCTION person_stays()")
    for name in _EVENTS:
        op.execute(f"DROP TRIGGER belongs_at_{name} ON person_number")
    op.execute("DROP FUNCTION person_number_belongs()")
    op.create_foreign_key("fk_person_number_person_id_person", "person_number", "person", ["person_id"], ["id"])
