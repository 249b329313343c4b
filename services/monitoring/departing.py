"""End what departments owe to people who died or moved away, and to households that are no more, on the day it is told.

Otherwise a family would be asked about the pension of its dead until the next look at what is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import text

from chassis.database.unit_of_work import UnitOfWork
from chassis.records import rows_alike

# What is owed to somebody who lives in another household now, or to one that was merged, goes along with them.
_GONE: Final = """
    (owed.person_id IS NOT NULL AND (SELECT person.state <> 'active' FROM person WHERE person.id = owed.person_id)
     OR owed.person_id IS NULL AND (SELECT household.state IN ('dissolved', 'moved_out') FROM household
                                    WHERE household.id = owed.household_id))
"""
_ENTITLEMENTS: Final = text(
    f"""
    UPDATE entitlement AS owed
    SET state = 'over', state_since = :today, version = owed.version + 1,
        ended_on = greatest(owed.due_since, least(:today, coalesce(
            (SELECT person.died_on FROM person WHERE person.id = owed.person_id), :today)))
    WHERE owed.household_id = ANY(CAST(:households AS uuid[])) AND owed.state <> 'over' AND {_GONE}
    RETURNING owed.id
    """  # noqa: S608  # constants only
)
_FINDINGS: Final = text(
    f"""
    UPDATE register_finding AS owed SET state = 'closed', closed_on = :today, version = owed.version + 1
    WHERE owed.household_id = ANY(CAST(:households AS uuid[])) AND owed.state = 'open' AND {_GONE}
    RETURNING owed.id
    """  # noqa: S608  # constants only
)
_ENDS: Final = (
    ("entitlement", "entitlement.end", _ENTITLEMENTS),
    ("register_finding", "register_finding.close", _FINDINGS),
)


async def nothing_is_owed(unit: UnitOfWork, households: Sequence[UUID]) -> None:
    """End the entitlements and close the findings of whoever of ``households`` is no longer here."""
    bound = {"households": list(households), "today": unit.clock.today()}
    for kind, action, statement in _ENDS:
        ids = list((await unit.connection.execute(statement, bound)).scalars())
        if ids:
            told = {"action": action, "kind": kind, "fields": ["state"], "why": None, "ids": ids}
            await unit.record_from(rows_alike(kind), told)
