"""Find persons by their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.metadata import rows
from chassis.security.vault import Vault
from services.monitoring.households.tables import PersonNumber


async def find_owners(connection: AsyncConnection, vault: Vault, numbers: Sequence[str]) -> dict[str, UUID]:
    """Who holds, or held, each of the canonical ``numbers``; one statement, under every live key."""
    if not numbers:
        return {}
    wanted = vault.identity_numbers.candidates_of_many(numbers)
    table = rows(PersonNumber)
    found = await connection.execute(
        select(table.c.blind_index, table.c.person_id).where(table.c.blind_index.in_(list(wanted)))
    )
    return {wanted[bytes(row.blind_index)]: row.person_id for row in found}
