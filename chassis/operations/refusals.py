"""Say why an operation did not take effect, as the single route would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.errors import DomainError, Language
from chassis.http.problems import problem
from chassis.operations.schemas import OperationProblem, OperationResult, Outcome


@dataclass(frozen=True)
class Refusals:
    """Refusals of one push, in its reader's language."""

    language: Language
    instance: str
    trace_id: str | None

    def refused(
        self, op_id: UUID, error: DomainError, *, outcome: Outcome = Outcome.REJECTED, **told: Any
    ) -> OperationResult:
        """A result that carries the problem document of ``error``."""
        return OperationResult(op_id=op_id, outcome=outcome, problem=self.told(error), **told)

    def told(self, error: DomainError) -> OperationProblem:
        """The problem document of ``error``, as a part of an answer to many things at once."""
        document = problem(error, language=self.language, instance=self.instance, trace_id=self.trace_id)
        return OperationProblem(**{name: document[name] for name in OperationProblem.model_fields})
