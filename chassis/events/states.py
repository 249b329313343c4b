"""Choose which events of a batch may be applied in one statement: the newest state of each thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chassis.events.event import Envelope
from chassis.events.holding import Key, State, States
from chassis.events.subscriptions import AnySubscription, StateSubscription


def states_at_once(envelopes: Sequence[Envelope], subscriptions: Mapping[str, AnySubscription]) -> int:
    """How many events, from the first on, only tell states and so may be applied together, type by type.

    It ends before a thing whose events are of two types: those keep the order in which they came.
    """
    types: dict[bytes, str] = {}
    for place, envelope in enumerate(envelopes):
        is_state = isinstance(subscriptions[envelope.type], StateSubscription)
        if not is_state or types.setdefault(envelope.text.subject, envelope.type) != envelope.type:
            return place
    return len(envelopes)


def newest_by_type(envelopes: Sequence[Envelope], states: States) -> Mapping[str, Sequence[Envelope]]:
    """Of each thing the newest state, unless a newer one has been applied.

    :param states: the newest ones applied so far.
    """
    newest: dict[Key, Envelope] = {}
    for envelope in envelopes:
        key = (envelope.text.type, envelope.text.subject)
        before = newest.get(key) or states.get(key)
        last = 0 if before is None else before.version if isinstance(before, State) else before.aggregate_version
        if envelope.aggregate_version >= last:
            newest[key] = envelope
    grouped: dict[str, list[Envelope]] = {}
    for envelope in newest.values():
        grouped.setdefault(envelope.type, []).append(envelope)
    return grouped
