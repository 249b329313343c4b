"""Tell what the registry recorded, from its rows."""

from __future__ import annotations

from typing import Any

from services.monitoring.contract import HouseholdRecorded, PersonRecorded
from services.monitoring.households.numbers import ReceiverIndexes


def household_recorded(row: Any) -> HouseholdRecorded:
    """The full state of a household; ``row`` has the columns of its table."""
    return HouseholdRecorded(
        household=row.id,
        region=row.region,
        registration_region=row.registration_region,
        is_lifted=row.is_lifted,
        monitoring_type=row.monitoring_type,
        members=row.member_count,
        state=row.state,
        successor=row.successor_id,
    )


def person_recorded(row: Any, household: Any, indexes: ReceiverIndexes) -> PersonRecorded:
    """The full state of a person, with what other services need of the household."""
    return PersonRecorded(
        person=row.id,
        household=row.household_id,
        region=row.region,
        birth_date=row.birth_date,
        sex=row.sex,
        labour_skill=row.labour_skill,
        is_lifted=household.is_lifted,
        monitoring_type=household.monitoring_type,
        state=row.state,
        died_on=row.died_on,
        identity_indexes=dict(indexes.current),
        other_identity_indexes=dict(indexes.others),
    )
