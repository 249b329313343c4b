"""List a person's spells of work."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import NotFound
from chassis.http.pagination import keyset, next_cursor
from services.monitoring.households.tables import Person
from services.monitoring.work.schemas import WorkSpellPage, WorkSpellQuery, WorkSpellRead
from services.monitoring.work.tables import WorkSpell

_PERSON: Final = rows(Person)
_SPELL: Final = rows(WorkSpell)
_LIST: Final = "work_spell_list"


async def list_spells(unit: UnitOfWork, person_id: UUID, query: WorkSpellQuery) -> WorkSpellPage:
    """One page of a person's spells.

    :raises NotFound: if there is no such person in the caller's area.
    """
    lo, hi = unit.area.lo, unit.area.hi
    person = select(_PERSON.c.id).where(_PERSON.c.id == person_id, _PERSON.c.region.between(lo, hi))
    if (await unit.connection.execute(person)).one_or_none() is None:
        raise NotFound
    statement = select(*(_SPELL.c[name] for name in WorkSpellRead.model_fields)).where(
        _SPELL.c.person_id == person_id, _SPELL.c.region.between(lo, hi)
    )
    operation = f"{_LIST}:{person_id}"
    after = query.position(unit.vault.cursors, operation)
    found = (await unit.connection.execute(keyset(statement, [_SPELL.c.id], after, query.limit))).all()
    kept, cursor = next_cursor(found, query, unit.vault.cursors, operation, lambda row: [str(row.id)])
    return WorkSpellPage(items=[WorkSpellRead(**row._mapping) for row in kept], next_cursor=cursor)  # noqa: SLF001
