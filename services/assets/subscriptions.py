"""What assets hears from other services; the only file here that imports another's contract."""

from __future__ import annotations

from typing import Final

from chassis.people.projection import projection
from services.monitoring.contract import HouseholdRecorded, PersonRecorded, RegionRecorded

PEOPLE: Final = projection("assets", region=RegionRecorded, household=HouseholdRecorded, person=PersonRecorded)
