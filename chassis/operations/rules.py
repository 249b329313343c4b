"""Decide in which order operations are done, on which day each was made, and what an edit of an older version may
collide with. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

BELIEVED: Final = timedelta(days=366)
"""How long ago a phone may say that it made an operation; a clock that was never set says many years."""


class Ordered(Protocol):
    """What has an id, and may build on another."""

    @property
    def op_id(self) -> UUID: ...

    @property
    def after(self) -> UUID | None: ...


T = TypeVar("T", bound=Ordered)


def in_order(received: Sequence[T]) -> list[T]:
    """The operations as they came, but each behind the one that it builds on; those in a circle last."""
    here = {one.op_id for one in received}
    placed: set[UUID] = set()
    waiting: dict[UUID, list[T]] = {}
    ordered: list[T] = []
    for one in received:
        if one.after is not None and one.after in here and one.after not in placed:
            waiting.setdefault(one.after, []).append(one)
            continue
        ready = [one]
        while ready:
            next_one = ready.pop(0)
            ordered.append(next_one)
            if next_one.op_id not in placed:
                placed.add(next_one.op_id)
                ready = [*waiting.pop(next_one.op_id, []), *ready]
    return ordered + [one for left in waiting.values() for one in left]


def day_made(recorded_at: datetime, now: datetime) -> date:
    """The business day on which a phone made an operation; that of ``now`` where its clock is not to be believed.

    :param now: on the business calendar.
    """
    return recorded_at.astimezone(now.tzinfo).date() if now - BELIEVED <= recorded_at <= now else now.date()


def seen_version(base: int, own: Collection[int]) -> int:
    """The version that the phone saw, at least: what its own operations made right on top of ``base`` it knows."""
    while base + 1 in own:
        base += 1
    return base


def colliding(changing: Iterable[str], changed: Collection[str]) -> list[str]:
    """Names of the fields that an edit would change and others have changed meanwhile."""
    return sorted(name for name in changing if name in changed)
