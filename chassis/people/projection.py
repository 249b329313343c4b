"""Make a service's subscriptions to the registry; its ``subscriptions.py`` names the event types of monitoring.

::

    PEOPLE = projection(
        "assets", region=RegionRecorded, household=HouseholdRecorded, person=PersonRecorded
    )
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from chassis.events.event import Event
from chassis.events.subscriptions import Projection, StateSubscription
from chassis.people.actions import forget_people, keep_households, keep_persons, keep_regions

NAME: Final = "people"

_REGION: Final = ("code", "name", "level", "parent", "valid_from", "valid_to", "successor")
_HOUSEHOLD: Final = (
    *("household", "region", "registration_region", "is_lifted", "monitoring_type", "members", "state", "successor"),
)
_PERSON: Final = (
    *("person", "household", "region", "birth_date", "sex", "labour_skill", "is_lifted", "monitoring_type", "state"),
    *("died_on", "identity_indexes", "other_identity_indexes"),
)


def projection(receiver: str, *, region: type[Event], household: type[Event], person: type[Event]) -> Projection:
    """The projection of people of the service ``receiver``, which gets blind indexes under a key of its own.

    :raises TypeError: if an event type lacks a field that the projection keeps.
    """
    for event, fields in ((region, _REGION), (household, _HOUSEHOLD), (person, _PERSON)):
        _need(event, fields)
    subscriptions: list[StateSubscription[Any]] = [
        StateSubscription(region, keep_regions),
        StateSubscription(household, keep_households, makes_known=True),
        StateSubscription(person, partial(keep_persons, receiver=receiver), makes_known=True),
    ]
    return Projection(NAME, subscriptions, forget_people)


def _need(event: type[Event], fields: Sequence[str]) -> None:
    missing = sorted(set(fields) - set(event.model_fields))
    if missing:
        raise TypeError(f"{event.__name__} does not tell {', '.join(missing)}, which the projection of people keeps")
