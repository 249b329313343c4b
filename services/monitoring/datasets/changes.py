"""Tell whoever asked to be told that a dataset's records changed, in the transaction that changed them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

from chassis.database.unit_of_work import UnitOfWork

Listener: TypeAlias = Callable[[UnitOfWork, int, str, UUID], Awaitable[None]]
"""Takes the unit of work, the county, the dataset's code and the batch."""

_listeners: Final[list[Listener]] = []


def on_records_changed(listener: Listener) -> Listener:
    """Be told of every change; a decorator for the composition of the service. Twice is as good as once."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


async def records_changed(unit: UnitOfWork, region: int, dataset: str, submission_id: UUID) -> None:
    """Tell that a batch was read, corrected, decided on or withdrawn.

    What a listener does (such as deferring a job) belongs to the unit, so it happens if and only if the change does.
    """
    for listener in _listeners:
        await listener(unit, region, dataset, submission_id)
