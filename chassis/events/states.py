"""Claim the newest state of each thing for one consumer: what is told late or again takes no effect.

The claim is the consumer's row of the thing in ``seen_version``. Whoever writes it holds it until the transaction ends,
so two transactions never keep the same thing side by side, and an older state never covers a newer one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any, Final, TypeAlias

from chassis.database.arrays import array, ids
from chassis.database.round_trip import Statement
from chassis.events.event import Envelope

ByType: TypeAlias = Mapping[bytes, Sequence[Envelope]]
"""Events by wire type, as text."""

# One row: NULL if all were claimed, which is the rule, or else those that were. A state of the same version is new
# if another event tells it: its producer was restored to an earlier point.
_CLAIM: Final = """
    WITH claimed AS (
        INSERT INTO seen_version AS seen (consumer, type, subject, aggregate_version, event_id)
        SELECT %(consumer)s, %(type)s, told.* FROM unnest(
            %(subjects)s::uuid[], %(versions)s::bigint[], %(ids)s::uuid[]
        ) AS told
        ON CONFLICT (subject, type, consumer) DO UPDATE
        SET aggregate_version = excluded.aggregate_version, event_id = excluded.event_id
        WHERE seen.aggregate_version <= excluded.aggregate_version AND seen.event_id <> excluded.event_id
        RETURNING subject
    )
    SELECT CASE WHEN count(*) < cardinality(%(ids)s::uuid[]) THEN coalesce(array_agg(subject::text), '{}') END
    FROM claimed
"""


def states_at_once(envelopes: Sequence[Envelope], kept: Set[bytes]) -> int:
    """How many events, from the first on, only tell states and so may be applied together, type by type.

    It ends before a thing whose events are of two types: those keep the order in which they came.

    :param kept: the wire types whose states are kept.
    """
    types = {envelope.text.type for envelope in envelopes}
    if len(types) == 1 and types <= kept:
        return len(envelopes)
    of: dict[bytes, bytes] = {}
    for place, envelope in enumerate(envelopes):
        text = envelope.text
        if text.type not in kept or of.setdefault(text.subject, text.type) != text.type:
            return place
    return len(envelopes)


def newest_by_type(envelopes: Sequence[Envelope]) -> ByType:
    """Of each thing the newest state. Things are in order, so that claims never wait for each other in a circle."""
    newest = {envelope.text.subject: envelope for envelope in envelopes}
    if len(newest) < len(envelopes):
        for envelope in envelopes:
            last = newest[envelope.text.subject]
            if last.aggregate_version > envelope.aggregate_version:
                continue
            newest[envelope.text.subject] = envelope
    grouped: dict[bytes, list[Envelope]] = {}
    for subject in sorted(newest):
        grouped.setdefault(newest[subject].text.type, []).append(newest[subject])
    return grouped


def claims(consumer: str, newest: ByType) -> list[Statement]:
    """The statements that claim ``newest``, for a pipeline; :func:`claimed` reads what they answer."""
    return [
        (
            _CLAIM,
            {
                "consumer": consumer,
                "type": wire_type.decode(),
                "subjects": ids([each.text.subject for each in told]),
                "versions": array([each.text.aggregate_version for each in told]),
                "ids": ids([each.text.id for each in told]),
            },
        )
        for wire_type, told in newest.items()
    ]


def claimed(newest: ByType, answers: Sequence[Sequence[tuple[Any, ...]]]) -> ByType:
    """What of ``newest`` is for this transaction to keep."""
    left = {}
    for (wire_type, told), [(some,)] in zip(newest.items(), answers, strict=True):
        if some is None:
            left[wire_type] = told
        elif some:
            subjects = {subject.encode() for subject in some}
            left[wire_type] = [each for each in told if each.text.subject in subjects]
    return left
