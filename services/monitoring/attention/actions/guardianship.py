"""Keep what a visit's guardianship form says of each child as a check of guardianship (监护核查, clause H-22).

The cadre answers once, on the sheet of the visit: nobody types a second form for the same child and day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, update

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.identifiers import new_id
from chassis.records import Aggregate
from services.monitoring.attention.actions.inadequate import renew_guardianship
from services.monitoring.attention.queries.guardians import known_guardians
from services.monitoring.attention.queries.listing import CHECK, in_area
from services.monitoring.attention.rules import FORM, Guardianship, guardianship_of
from services.monitoring.households.tables import Person

KIND: Final = "guardianship_check"
_PERSON: Final = rows(Person)
_SAID: Final = ("checked_on", "guardian", "is_adequate")


async def check_by_visit(unit: UnitOfWork, visit: Any) -> None:
    """Let the answers of a visit stand as checks; what it said before and says no longer is withdrawn.

    Where nobody is named, a guardian who is there is the one that was known. What is not enough becomes a finding of
    who owes it, see :mod:`.inadequate`.

    :param visit: its row, as it stands now; a void one says nothing.
    """
    said = _said(visit)
    known = await known_guardians(unit, list(said), on=visit.visited_on, without=visit.id)
    wanted = {
        person: {
            "checked_on": visit.visited_on,
            "guardian": one.guardian or (known[person].name if one.is_present and person in known else None),
            "is_adequate": one.is_adequate,
        }
        for person, one in said.items()
    }
    earlier = select(CHECK).where(CHECK.c.visit_id == visit.id, CHECK.c.state == "recorded", in_area(unit, CHECK))
    concerned = set(said)
    for row in (await unit.connection.execute(earlier)).all():
        concerned.add(row.person_id)
        if wanted.get(row.person_id) == {name: getattr(row, name) for name in _SAID}:
            del wanted[row.person_id]
        else:
            await _withdraw(unit, row)
    await _insert(unit, visit, wanted)
    if concerned:
        await renew_guardianship(unit, visit.region, persons=sorted(concerned))


def _said(visit: Any) -> dict[UUID, Guardianship]:
    if visit.state != "recorded":
        return {}
    read = {
        UUID(form["person_id"]): guardianship_of(form["answers"])
        for form in visit.forms
        if form["form"] == FORM and form["person_id"] is not None
    }
    return {person: found for person, found in read.items() if found is not None}


async def _withdraw(unit: UnitOfWork, row: Any) -> None:
    values = {"state": "withdrawn", "version": row.version + 1}
    await unit.connection.execute(update(CHECK).where(CHECK.c.id == row.id).values(values))
    unit.record("guardianship.withdraw", Aggregate(KIND, row.id, row.region, row.version + 1), fields=("state",))


async def _insert(unit: UnitOfWork, visit: Any, wanted: Mapping[UUID, Mapping[str, Any]]) -> None:
    """Where the child lives now, which need not be where the visit was."""
    children = select(_PERSON).where(_PERSON.c.id.in_(wanted), in_area(unit, _PERSON)).order_by(_PERSON.c.id)
    made = [
        {
            **wanted[child.id],
            "id": new_id(),
            "region": child.region,
            "household_id": child.household_id,
            "person_id": child.id,
            "visit_id": visit.id,
            "recorded_by": unit.actor.subject,
        }
        for child in await unit.connection.execute(children)
    ]
    if made:
        await unit.connection.execute(insert(CHECK), made)
    for one in made:
        unit.record("guardianship.check", Aggregate(KIND, one["id"], one["region"], 1), fields=(*_SAID, "visit_id"))
