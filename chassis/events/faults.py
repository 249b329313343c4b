"""Tell an outage from an event that cannot be applied, and name an error without repeating what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import psycopg
from pydantic import ValidationError

from chassis.database.engine import SERIALIZATION_STATES, constraint_of, is_outage, sqlstate
from chassis.errors import DomainError, Unavailable

_CHAIN_MAX: Final = 10
_CLASSES: Final = frozenset({"08", "53", "57", "58"})
"""SQLSTATE classes: connection, resources, operator's intervention, the system around PostgreSQL."""
_STATES: Final = SERIALIZATION_STATES | {"55P03", "25006"}
"""Also a lock that did not come in time, and a server that became read-only by a switch-over."""
_STATEMENT_TIMEOUT: Final = "57014"


def is_transient(error: BaseException) -> bool:
    """Whether the event is not to blame: its consumer pauses and tries again, without counting."""
    return any(_is_transient(link) for link in _chain(error))


def is_conflict(error: BaseException) -> bool:
    """Whether the transaction lost to another and may be run again at once (serialization failure, deadlock)."""
    return any(sqlstate(link) in SERIALIZATION_STATES for link in _chain(error))


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, Unavailable | ConnectionError):
        return True
    state = sqlstate(error)
    if state is not None:
        return state in _STATES or (state[:2] in _CLASSES and state != _STATEMENT_TIMEOUT)
    return is_outage(error) or isinstance(error, psycopg.OperationalError)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from: an action may dress up an outage as an error of its own."""
    link: BaseException | None = error
    for _ in range(_CHAIN_MAX):
        if link is None:
            return
        yield link
        link = link.__cause__ or link.__context__


def reason_of(error: BaseException) -> str:
    """The error's type, our code and the database's, never its text: texts may quote personal data."""
    words = [type(error).__qualname__]
    if isinstance(error, DomainError):
        words.append(error.code)
        words.extend(fault.code for fault in error.faults)
    if isinstance(error, ValidationError):
        words.extend(sorted({str(found["type"]) for found in error.errors(include_input=False, include_url=False)}))
    words.extend(word for word in (sqlstate(error), constraint_of(error)) if word)
    return " ".join(words)[:500]
