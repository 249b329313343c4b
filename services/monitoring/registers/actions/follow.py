"""Let registers' facts and findings follow households that moved, and people who live in another household now."""

# names of tables and kinds come from the catalogue
from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.registers.actions.assess import KIND as FINDING
from services.monitoring.registers.catalogue import REGISTERS


def _tables() -> Iterator[tuple[str, str, str]]:
    """Each table with the kind of its documents and what is true of a present row."""
    for register in REGISTERS.values():
        yield rows(register.table).name, register.kind, "told.replaced_at IS NULL"
    yield "register_finding", FINDING, "true"


_FOLLOW: Final = """
    UPDATE {table} AS told
    SET region = household.region, version = told.version + CASE WHEN {present} THEN 1 ELSE 0 END
    FROM household, {table} AS former
    WHERE household.id = ANY(CAST(:households AS uuid[])) AND told.household_id = household.id
      AND told.region <> household.region AND former.id = told.id AND former.version = told.version
    RETURNING told.id, told.version, {present} AS is_present, former.region AS left_region
"""
# Facts of the household stay with it at a split; a person's go along, with all that was known of them.
_JOIN: Final = """
    UPDATE {table} AS told
    SET household_id = home.id, region = home.region,
        version = told.version + CASE WHEN {present} THEN 1 ELSE 0 END
    FROM household AS home, {table} AS former
    WHERE home.id = :household AND told.household_id = :left AND former.id = told.id AND former.version = told.version
      AND (CAST(:persons AS uuid[]) IS NULL OR told.person_id = ANY(CAST(:persons AS uuid[])))
    RETURNING told.id, told.version, {present} AS is_present, NULLIF(former.region, home.region) AS left_region
"""
_TOLD: Final = """
    SELECT row_number() OVER (ORDER BY told.id) AS ord, CAST('register.follow' AS text) AS action,
           CAST(:kind AS text) AS kind, told.id AS entity_id, told.version, told.region, gone.left_region,
           CAST(:fields AS text[]) AS fields, CAST(NULL AS jsonb) AS digests, CAST(NULL AS text) AS reason,
           false AS deleted, CAST(NULL AS uuid) AS event_id, CAST(NULL AS text) AS event_type,
           CAST(NULL AS jsonb) AS event_data
    FROM unnest(CAST(:ids AS uuid[]), CAST(:versions AS bigint[]), CAST(:left AS bigint[]))
         AS gone(id, version, left_region)
    JOIN {table} AS told ON told.id = gone.id AND told.version = gone.version
"""


async def registers_follow(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """Bring what registers hold of ``households`` to where these are managed now.

    ``unit`` must reach both sides of the move. Call it after the households have their new division.
    """
    await _bring(unit, _FOLLOW, {"households": list(households)}, ["region"])


async def registers_join(
    unit: UnitOfWork, *, left: UUID, household: UUID, persons: Sequence[UUID] | None = None
) -> None:
    """Bring facts and findings from the household ``left`` to the one where these people live now.

    :param persons: whose go along; None after a merger: everything, the household's own too.
    """
    bound = {"left": left, "household": household, "persons": None if persons is None else list(persons)}
    await _bring(unit, _JOIN, bound, ["household_id", "region"])


async def _bring(unit: UnitOfWork, statement: str, bound: dict[str, Any], fields: list[str]) -> None:
    for table, kind, present in _tables():
        found = (await unit.connection.execute(text(statement.format(table=table, present=present)), bound)).all()
        told = [row for row in found if row.is_present]
        if told:
            binds = {
                "ids": [row.id for row in told],
                "versions": [row.version for row in told],
                "left": [row.left_region for row in told],
                "kind": kind,
                "fields": fields,
            }
            await unit.record_from(_TOLD.format(table=table), binds)
