"""Declare with which refusals a route may answer beyond those of every route, so that its document lists them.

A refusal is declared where it arises: on the route's function, or on a dependency, from which every route that takes it
has it::

    @router.post("/self-reports", operation_id="self_report_create")
    @may_answer(TooManyRequests)
    async def self_report_create(…) -> …:
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from fastapi.routing import APIRoute

from chassis.errors import DomainError
from chassis.http.unit_route import calls_of

F = TypeVar("F", bound=Callable[..., Any])
_DECLARED: Final = "xianjie_may_answer"
_FILE: Final = "xianjie_takes_file"


def may_answer(*kinds: type[DomainError]) -> Callable[[F], F]:
    """Mark a route's function, or a dependency, as one that may raise ``kinds``."""

    def mark(function: F) -> F:
        setattr(function, _DECLARED, (*getattr(function, _DECLARED, ()), *kinds))
        return function

    return mark


def takes_file(media: Iterable[str]) -> Callable[[F], F]:
    """Mark a dependency as one that takes the request's body as a file of one of these media types."""

    def mark(function: F) -> F:
        setattr(function, _FILE, tuple(sorted(media)))
        return function

    return mark


def file_taken(route: APIRoute) -> tuple[str, ...]:
    """The media types of the file that the route takes; none if it takes no file."""
    return next((getattr(call, _FILE) for call in calls_of(route) if hasattr(call, _FILE)), ())


def declared_answers(route: APIRoute) -> dict[str, list[type[DomainError]]]:
    """What the route and its dependencies declare, by status, each kind once, in order of code."""
    kinds = {kind for call in calls_of(route) for kind in getattr(call, _DECLARED, ())}
    by_status: dict[str, list[type[DomainError]]] = {}
    for kind in sorted(kinds, key=lambda kind: kind.code):
        by_status.setdefault(str(kind.status), []).append(kind)
    return by_status
