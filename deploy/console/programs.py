"""Open a service's program from the console, for as long as one command runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from chassis.errors import Message
from chassis.events.groups import group_names
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import Actor
from chassis.service import Service
from chassis.start import make_program
from deploy.console.saying import NOT_RUNNING, fail
from deploy.embedded.installation import PROGRAMS, Installation, NotRunning

_ANY_DIVISION = 110000000000  # an operator's program acts everywhere; its area is given beside this


def service_named(name: str) -> Service:
    """The service, or a sentence that lists them."""
    known = {service.name: service for service in PROGRAMS}
    if name in known:
        return known[name]
    names = "、".join(known)
    return fail(Message(f"没有这个服务；可选：{names}。", f"There is no such service; there are: {names}."))


@asynccontextmanager
async def opened_program(data: Path, service: Service) -> AsyncIterator[Program]:
    """The program of a running platform, closed afterwards; where none runs, a sentence."""
    installation = Installation(data)
    try:
        program = make_program(service.name, installation.settings(service.name))
    except NotRunning:
        fail(NOT_RUNNING)
    try:
        if not await program.database.is_reachable():  # the addresses of a run outlive it
            fail(NOT_RUNNING)
        yield program
    finally:
        await program.close()


def operator(command: str) -> Actor:
    """Who acts when an operator types ``command``; the audit names it."""
    return scope.program(f"console:{command}", _ANY_DIVISION)


def known_types(services: Sequence[Service] = PROGRAMS) -> list[str]:
    """Wire types of every event that is published."""
    return sorted(event.wire_type() for service in services for event in service.events)


def consumers_with(name: str | None) -> dict[str, Service]:
    """The service in which each consumer reads, by the consumer's name; an unknown ``name`` ends the command."""
    readers = {group: service for service in PROGRAMS for group in group_names(service)}
    if name is not None and name not in readers:
        fail(
            Message(
                f"没有这个消费者；可选：{'、'.join(readers)}。", f"Unknown consumer; there are: {', '.join(readers)}."
            )
        )
    return readers
