"""List the versions of a household or person with what each of them changed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Date, DateTime, Table, Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import TextualSelect

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.schemas.patches import VersionPage, VersionQuery, VersionRow
from services.monitoring.households.tables import Household, HouseholdHistory, Person, PersonHistory
from services.monitoring.households.versions import PUBLIC_NAMES, UNTOLD, sealed_columns
from services.monitoring.regions.queries.pasts import lay_there, reach_pasts


async def household_history(unit: UnitOfWork, household_id: UUID, query: VersionQuery) -> VersionPage:
    """One page of a household's versions in the caller's area and in what became part of it, the first one first.

    :raises NotFound: if there is none.
    """
    return await _page(unit, _HOUSEHOLDS, household_id, query, "household_history")


async def person_history(unit: UnitOfWork, person_id: UUID, query: VersionQuery) -> VersionPage:
    """One page of a person's versions; errors as :func:`household_history`."""
    return await _page(unit, _PERSONS, person_id, query, "person_history")


async def _page(
    unit: UnitOfWork, source: TextualSelect, thing: UUID, query: VersionQuery, operation: str
) -> VersionPage:
    versions = source.bindparams(id=thing, **await reach_pasts(unit)).subquery("versions")
    # The cursor is bound to the thing too: a place in one history means nothing in another.
    operation = f"{operation}:{thing}"
    after = query.position(unit.vault.cursors, operation)
    statement = keyset(select(versions), [versions.c.version], after, query.limit)
    found = (await unit.connection.execute(statement)).all()
    if not found and after is None:
        raise NotFound
    kept, cursor = next_cursor(found, query, unit.vault.cursors, operation, lambda row: [row.version])
    return VersionPage(items=[VersionRow(**row._mapping) for row in kept], next_cursor=cursor)  # noqa: SLF001


def _versions_of(table: Table, history: Table) -> TextualSelect:
    """Every version with the names of the fields that differ from the one before; values are only compared."""
    sealed = sealed_columns(table)
    ciphertexts = ", ".join(f"'{name}', past.{name}" for name in sealed)
    untold = ", ".join(f"'{name}'" for name in sorted(UNTOLD))
    public = " ".join(f"WHEN '{name}' THEN '{said}'" for name, said in PUBLIC_NAMES.items())
    # Names come from the metadata, values are bound.
    statement = f"""
        SELECT version, valid_from, recorded_at, region, document ->> 'state' AS state,
               ARRAY(
                   SELECT DISTINCT CASE field.key {public} ELSE field.key END FROM jsonb_each(document) AS field
                   WHERE field.value IS DISTINCT FROM coalesce(before -> field.key, 'null') AND before IS NOT NULL
                     AND field.key NOT IN ({untold})
                   ORDER BY 1
               ) AS fields
        FROM (
            SELECT *, lag(document) OVER (ORDER BY version) AS before FROM (
                SELECT past.version, past.valid_from, past.recorded_at, past.region,
                       past.document || jsonb_build_object({ciphertexts}) AS document
                FROM {history.name} AS past WHERE past.id = :id AND {lay_there(table.name)}
                UNION ALL
                SELECT present.version, present.valid_from, present.recorded_at, present.region, to_jsonb(present)
                FROM {table.name} AS present WHERE present.id = :id AND present.region BETWEEN :lo AND :hi
            ) AS version
        ) AS compared
    """  # noqa: S608
    return text(statement).columns(
        version=BigInteger(),
        valid_from=Date(),
        recorded_at=DateTime(timezone=True),
        region=BigInteger(),
        state=Text(),
        fields=ARRAY(Text),
    )


_HOUSEHOLDS: Final = _versions_of(rows(Household), rows(HouseholdHistory))
_PERSONS: Final = _versions_of(rows(Person), rows(PersonHistory))
