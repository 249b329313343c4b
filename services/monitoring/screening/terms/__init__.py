"""The published vocabulary as data: what a rule may ask about a record, a person and a household."""

from __future__ import annotations

from typing import Final

from services.monitoring.screening.terms.calendar import CALENDAR
from services.monitoring.screening.terms.household import HOUSEHOLD
from services.monitoring.screening.terms.person import PERSON
from services.monitoring.screening.terms.records import RECORD
from services.monitoring.screening.vocabulary import Grain, Vocabulary

VOCABULARY: Final = Vocabulary(
    {
        Grain.HOUSEHOLD: (*HOUSEHOLD, *CALENDAR),
        Grain.PERSON: (*PERSON, *HOUSEHOLD, *CALENDAR),
        Grain.RECORD: (*RECORD, *PERSON, *HOUSEHOLD, *CALENDAR),
    }
)
"""Everything that a rule may name."""
