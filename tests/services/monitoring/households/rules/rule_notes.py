"""Every rule that a household is judged by, as it is told to people."""

from __future__ import annotations

from typing import Final, NamedTuple

from chassis.errors import Message
from chassis.identity_numbers import DisabilityNumberFault, IdentityNumberFault, NumberFault
from services.monitoring.households.rules.finding import Severity
from services.monitoring.households.rules.judgement import HOUSEHOLD_RULES, CertificateFault
from services.monitoring.households.rules.persons import PERSON_RULES
from services.monitoring.households.rules.risks import told
from services.monitoring.households.thresholds import Thresholds

_NEVER_SPOKEN: Final = frozenset({IdentityNumberFault.LENGTH, DisabilityNumberFault.LENGTH})


class RuleNote(NamedTuple):
    """One rule as it is told to people, with the numbers of an area in its message."""

    code: str
    severity: Severity
    message: Message
    clause: str


def rule_notes(thresholds: Thresholds) -> tuple[RuleNote, ...]:
    """Every rule that :func:`judge_household` knows, in the order in which it judges."""
    refused: tuple[type[NumberFault], ...] = (CertificateFault, IdentityNumberFault, DisabilityNumberFault)
    notes = [
        RuleNote(f.value, Severity.ERROR, f.message, "条款 B12、F4 / clause B12, F4")
        for faults in refused
        for f in faults
    ]
    # The certificate's own length rule names all lengths, so the number's never speaks here.
    spoken = [note for note in notes if note.code not in _NEVER_SPOKEN]
    spoken += [RuleNote(r.code, Severity.DOUBT, told(r.message, thresholds), r.clause) for r in PERSON_RULES]
    spoken += [RuleNote(r.code, r.severity, told(r.message, thresholds), r.clause) for r in HOUSEHOLD_RULES]
    return tuple(spoken)
