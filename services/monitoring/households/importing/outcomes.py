"""What became of the households of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.jobs.import_model import Fate
from services.monitoring.households.importing.model import Refusal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one household of the file that was not new.

    :param household: the one of the registry that it is about, if it is about one.
    """

    fate: Fate
    household: UUID | None = None
    refusals: Sequence[Refusal] = ()
    persons_created: int = 0
    persons_updated: int = 0


@dataclass(slots=True)
class Outcomes:
    """What became of all of them: the new ones by their ids, with ``persons`` persons; the others one by one."""

    created: list[UUID] = field(default_factory=list)
    persons: int = 0
    others: list[Outcome] = field(default_factory=list)

    def add(self, more: Outcomes) -> None:
        self.created += more.created
        self.persons += more.persons
        self.others += more.others
