"""Show a person's numbers whole: a call of its own, with a purpose, audited."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from chassis.audit.reads import sensitive_read
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message
from services.monitoring.households.numbers import open_sealed
from services.monitoring.households.queries.one import person_row
from services.monitoring.households.schemas import Revealed, RevealRequest

REVEALABLE: Final = ("identity_number", "disability_number", "phone")


async def reveal_person(unit: UnitOfWork, person_id: UUID, body: RevealRequest) -> Revealed:
    """The chosen numbers of a person in the caller's area.

    :raises InvalidInput: for a field that cannot be revealed.
    :raises NotFound: if there is no such person in the caller's area.
    """
    unknown = [place for place, name in enumerate(body.fields) if name not in REVEALABLE]
    if unknown:
        choices = ", ".join(REVEALABLE)
        message = Message(f"可查看的字段：{choices}。", f"Fields that can be revealed: {choices}.")
        raise InvalidInput(faults=[Fault(f"/fields/{place}", "not_revealable", message) for place in unknown])
    person = await person_row(unit, person_id)
    known: dict[str, Any] = person._mapping  # noqa: SLF001  # a row's public view of its columns
    shown = {name: open_sealed(unit.vault, known[name], column=name, row=person.id) for name in set(body.fields)}
    await sensitive_read(unit, "person.reveal", "person", [person.id], body.purpose, fields=sorted(shown))
    return Revealed(person_id=person.id, **shown)
