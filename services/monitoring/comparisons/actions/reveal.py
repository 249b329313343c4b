"""Show a clerk whom a request is about: names and numbers whole, with a purpose, audited."""

from __future__ import annotations

from uuid import UUID

from chassis.audit.reads import sensitive_read
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, StateRefused
from services.monitoring.comparisons.actions.silence import NOT_OPEN
from services.monitoring.comparisons.queries.one import person_rows
from services.monitoring.comparisons.queries.requests import request_row
from services.monitoring.comparisons.schemas import ComparisonReveal, RevealedPerson, RevealedPersons
from services.monitoring.households.numbers import PERSON, open_sealed


async def reveal_persons(unit: UnitOfWork, request_id: UUID, body: ComparisonReveal) -> RevealedPersons:
    """Names and ID numbers of the persons of an open request, whose household authorised the inquiry.

    :raises NotFound: if there is none, or it is another department's.
    :raises StateRefused: once nobody has to look for them any more.
    """
    row = await request_row(unit, request_id)
    if row.state != "open":
        raise StateRefused(faults=[Fault("", "not_open", NOT_OPEN)])
    people = await person_rows(unit, row.persons)
    fields = ["identity_number", "name"]
    await sensitive_read(unit, "comparison.reveal", PERSON, [one.id for one in people], body.purpose, fields=fields)
    return RevealedPersons(
        request_id=row.id,
        persons=[
            RevealedPerson(
                person_id=one.id,
                name=one.name,
                identity_number=open_sealed(
                    unit.vault, one.identity_number, column="identity_number", row=one.id, table=PERSON
                ),
            )
            for one in people
        ],
    )
