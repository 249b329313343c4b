"""What became of one household of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from chassis.jobs.import_model import Fate
from services.monitoring.households.importing.model import Refusal


class Outcome(NamedTuple):
    """What became of one household of a file.

    :param household: the one of the registry that it is about, if it is about one.
    """

    fate: Fate
    household: UUID | None = None
    refusals: Sequence[Refusal] = ()
    persons_created: int = 0
    persons_updated: int = 0
