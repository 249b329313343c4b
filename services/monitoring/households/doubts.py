"""What the rules doubt, as the registry names it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from chassis.errors import Fault


@dataclass(frozen=True, slots=True)
class Doubt:
    """A doubt about a household, or about one of its persons."""

    fault: Fault
    person_id: UUID | None
