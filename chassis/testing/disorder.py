"""Deliver what a bus may: every event again and again, each key in order, the keys in any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from random import Random
from uuid import UUID

from chassis.events.event import Envelope


def shuffled_across_keys(envelopes: Sequence[Envelope], rng: Random) -> list[Envelope]:
    """Each event three times: every key's in order, at once or with a step back as a broker would after a crash."""
    queues: dict[UUID, list[Envelope]] = defaultdict(list)
    for envelope in envelopes:
        queues[envelope.subject].append(envelope)
    for subject, own in queues.items():
        cut = rng.randint(1, len(own))
        queues[subject] = own[:cut] + own[:cut] + own[cut:] + own + own[cut:]
    stream = []
    while queues:
        subject = rng.choice(sorted(queues))
        stream.append(queues[subject].pop(0))
        if not queues[subject]:
            del queues[subject]
    return stream
