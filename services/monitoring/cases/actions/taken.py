"""One step of one case, as an action says it and the one place that takes it reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chassis.events.event import Event
from services.monitoring.cases.queries.rows import plan_of
from services.monitoring.cases.rules.transitions import find
from services.monitoring.codes.cases import CaseAction, CaseState


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One step of one case.

    :param row: the case as it was locked. ``on``: the day on which it happened.
    :param target: where it leads, if that is not the table's: a state that a return had named.
    :param subject: who did it, if not who enters it: the two who signed a form.
    :param values: what else changes in the case. ``details``: what belongs to the step, by name.
    """

    row: Any
    action: CaseAction
    on: date
    target: CaseState | None = None
    reason: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    event: Event | None = None
    subject: str | None = None

    @property
    def reaches(self) -> CaseState:
        """The state that the step leads to."""
        if self.target is not None:
            return self.target
        found = find(plan_of(self.row), CaseState(self.row.state), self.action)
        assert found is not None  # the guards have looked
        assert found.target is not None
        return found.target
