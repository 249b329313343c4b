"""Say how a run ends: what of its handler's answer or error the job's row shows, and whether it is tried again."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.engine import SERIALIZATION_STATES, is_outage, sqlstate
from chassis.errors import DomainError, Internal
from chassis.jobs import ledger
from chassis.jobs.ledger import Taken
from chassis.jobs.tables import JobState

Step: TypeAlias = Callable[[AsyncConnection], Awaitable[Any]]
"""Something to be written, in a transaction that the caller commits."""
Ending: TypeAlias = Callable[[Taken, int], Step]
"""How a run of a job ends; the int is the run's number."""

_LOCK_NOT_GRANTED: Final = "55P03"
_LOST_RACES: Final = frozenset({_LOCK_NOT_GRANTED, "23505"})  # the second: a lock's job already running
# A job that writes by two connections and waits for one of them may meet a deadlock that PostgreSQL cannot see.
_RUN_AGAIN: Final = SERIALIZATION_STATES | {_LOCK_NOT_GRANTED}
_log = structlog.get_logger(__name__)


def ended(state: JobState, *, result: Mapping[str, Any] | None = None, error: DomainError | None = None) -> Ending:
    """The job is over."""
    return lambda taken, run: lambda connection: ledger.end(connection, taken, run, state, result=result, error=error)


def failed(error: DomainError) -> Ending:
    """The job is over, for a reason that its row shows."""
    return ended(JobState.FAILED, error=error)


def given_back(at: datetime, *, counts: bool) -> Ending:
    """The job waits again until ``at``; ``counts`` says whether this start was one of its attempts."""
    return lambda taken, run: lambda connection: ledger.give_back(connection, taken, run, at=at, counts=counts)


def after(error: Exception, *, again_at: datetime, may_again: bool) -> Ending:
    """What comes of a handler that raised ``error``.

    :param may_again: whether it has attempts left; an outage of the database takes none.
    """
    if is_outage(error):
        _log.warning("job_waits_for_database")
        return given_back(again_at, counts=False)
    if sqlstate(error) in _RUN_AGAIN and may_again:
        return given_back(again_at, counts=True)
    if isinstance(error, DomainError):
        _log.info("job_failed", code=error.code)
        return failed(error)
    # The type and the place alone: an exception's text may quote a row.
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("job_failed", error=type(error).__name__, at=f"{Path(place.filename).name}:{place.lineno}")
    return failed(Internal())


def is_passing(error: Exception) -> bool:
    """Whether the worker's own writing may be tried again as it is: an outage, or a race that was lost."""
    return is_outage(error) or sqlstate(error) in SERIALIZATION_STATES or sqlstate(error) in _LOST_RACES
