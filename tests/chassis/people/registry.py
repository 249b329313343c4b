"""What monitoring would tell of people, made without monitoring: for tests of one service's projection alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from chassis.events.consumer import Consumer
from chassis.events.event import Envelope, Event
from chassis.events.groups import consumers_of
from chassis.identifiers import new_id
from chassis.program import Program
from chassis.security.vault import Vault
from chassis.service import Service
from chassis.testing.programs import VILLAGE
from services.assets.app import SERVICE as ASSETS
from services.monitoring.contract import HouseholdRecorded, PersonRecorded


def told(event: Event, subject: UUID, *, version: int = 1, region: int = VILLAGE) -> Envelope:
    data = event.model_dump(mode="json")
    source = f"/services/{event.service()}"
    return Envelope(new_id(), event.wire_type(), source, subject, version, region, datetime.now(UTC), None, data)


def household(identifier: UUID, *, version: int = 1, region: int = VILLAGE, **changes: Any) -> Envelope:
    fields: dict[str, Any] = {"is_lifted": True, "monitoring_type": None, "members": 1, "state": "active"} | changes
    event = HouseholdRecorded(household=identifier, region=region, registration_region=region, **fields)
    return told(event, identifier, version=version, region=region)


def person(
    identifier: UUID, home: UUID, *, version: int = 1, region: int = VILLAGE, numbers: Sequence[str] = (),
    vault: Vault | None = None, receiver: str = "assets", **changes: Any,
) -> Envelope:  # fmt: skip
    """``numbers`` are ID numbers: the first under the current key, all others as under other live keys."""
    fields: dict[str, Any] = {
        "birth_date": date(1974, 3, 12),
        "sex": "1",
        "labour_skill": "ordinary",
        "is_lifted": True,
        "monitoring_type": None,
        "state": "active",
    } | changes
    if numbers and vault is not None:
        index = vault.identity_numbers.for_service(receiver)
        encoded = [b64encode(found).decode() for number in numbers for found in index.candidates(number)]
        fields |= {"identity_indexes": {receiver: encoded[0]}, "other_identity_indexes": {receiver: encoded[1:]}}
    event = PersonRecorded(person=identifier, household=home, region=region, **fields)
    return told(event, identifier, version=version, region=region)


def consumer_of(program: Program, service: Service = ASSETS) -> Consumer:
    [consumer] = consumers_of(service, program)
    return consumer
