"""Choose which events of a batch may be applied in one statement: the newest state of each thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.events.event import Envelope
from chassis.events.subscriptions import AnySubscription, StateSubscription


def states_at_once(envelopes: Sequence[Envelope], subscriptions: Mapping[str, AnySubscription]) -> int:
    """How many events, from the first on, only tell states and so may be applied together, type by type.

    It ends before a thing whose events are of two types: those keep the order in which they came.
    """
    types: dict[UUID, str] = {}
    for place, envelope in enumerate(envelopes):
        is_state = isinstance(subscriptions[envelope.type], StateSubscription)
        if not is_state or types.setdefault(envelope.subject, envelope.type) != envelope.type:
            return place
    return len(envelopes)


def newest_by_type(
    envelopes: Sequence[Envelope], versions: Mapping[tuple[str, UUID], int]
) -> Mapping[str, Sequence[Envelope]]:
    """Of each thing the newest state, unless a newer one has been applied.

    :param versions: the versions applied so far, by type and subject.
    """
    newest: dict[tuple[str, UUID], Envelope] = {}
    for envelope in envelopes:
        key = (envelope.type, envelope.subject)
        last = newest[key].aggregate_version if key in newest else versions.get(key, 0)
        if envelope.aggregate_version >= last:
            newest[key] = envelope
    grouped: dict[str, list[Envelope]] = {}
    for envelope in newest.values():
        grouped.setdefault(envelope.type, []).append(envelope)
    return grouped
