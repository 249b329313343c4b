"""The registry: households and persons as they are now, as they were before, and the numbers that find them."""

from services.monitoring.households.tables.households import (
    GONE_SQL,
    Household,
    HouseholdHistory,
    MonitoringFact,
    put_right_by,
)
from services.monitoring.households.tables.persons import Person, PersonHistory, PersonNumber
from services.monitoring.households.tables.waiting import ClashTask, Finding, Transfer

__all__ = [
    "GONE_SQL",
    "ClashTask",
    "Finding",
    "Household",
    "HouseholdHistory",
    "MonitoringFact",
    "Person",
    "PersonHistory",
    "PersonNumber",
    "Transfer",
    "put_right_by",
]
