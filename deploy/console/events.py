"""Publish events again, and look after those that a consumer could not take."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from chassis.clock import BUSINESS_ZONE
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import DomainError, Message
from chassis.events import operations, redelivery
from chassis.events.groups import consumers_of
from chassis.security.scope import Area
from deploy.console.platform import DEFAULT
from deploy.console.programs import consumers_with, known_types, opened_program, operator, service_named
from deploy.console.saying import Data, fail, fail_with, out, say
from deploy.embedded.installation import PROGRAMS, Installation

parked = typer.Typer(no_args_is_help=True)
ServiceName = Annotated[str, typer.Argument(help="服务 / the service")]
ConsumerName = Annotated[str, typer.Argument(help="消费者 / the consumer")]
EventId = Annotated[UUID, typer.Argument(help="事件编号 / the event's id")]


def republish(
    service: ServiceName,
    types: Annotated[list[str] | None, typer.Option("--type", help="事件类型；缺省为全部 / default: all")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="自此日起 / from this day on")] = None,
    only: Annotated[str | None, typer.Option(help="只给这个消费者 / to this consumer only")] = None,
    data: Data = DEFAULT,
) -> None:
    """重新发布事件 / publish a service's events again, in order."""
    known = known_types([service_named(service)])
    unknown = sorted(set(types or ()) - set(known))
    if unknown:
        fail(Message(f"没有这些事件类型；可选：{'、'.join(known)}。", f"Unknown types; there are: {', '.join(known)}."))

    if only is not None:
        consumers_with(only)

    async def run() -> int:
        async with opened_program(data, service_named(service)) as program:
            start = since.replace(tzinfo=BUSINESS_ZONE) if since else None  # the operator's day, not Greenwich's
            return await redelivery.republish(program.database, types or known, since=start, only=only)

    count = asyncio.run(run())
    say(Message(f"将重新投递 {count} 个事件。", f"{count} events will be delivered again."))


def replay(
    consumer: Annotated[str, typer.Option(help="消费者 / the consumer")],
    data: Data = DEFAULT,
) -> None:
    """让消费者从头重听 / let a consumer forget and hear everything again, in order."""
    readers = consumers_with(consumer)

    async def run() -> int:
        async with AsyncExitStack() as stack:
            programs = {
                service.name: await stack.enter_async_context(opened_program(data, service)) for service in PROGRAMS
            }
            reader = readers[consumer]
            [member] = [one for one in consumers_of(reader, programs[reader.name]) if one.name == consumer]
            producers = {name: program.database for name, program in programs.items()}
            bus = Installation(data).bus(programs[reader.name], readers)
            try:
                return await redelivery.replay(member, producers, bus)
            finally:
                await bus.close()

    count = asyncio.run(run())
    say(Message(f"将重新投递 {count} 个事件。", f"{count} events will be delivered again."))


@parked.command(name="list")
def list_(service: ServiceName, data: Data = DEFAULT) -> None:
    """列出搁置的事件 / list parked events, masked."""

    async def show(unit: UnitOfWork) -> None:
        after = 0
        while page := await operations.list_parked(unit, after=after):
            after = page[-1].position
            for event in page:
                out.print(
                    f"{event.position:>8}  {event.state:<8} {event.tries} {event.consumer:<20} {event.event_id}"
                    f"  {event.type}  {event.reason}",
                    markup=False,
                )

    _with_unit(data, service, "parked list", show)


@parked.command()
def show(
    service: ServiceName,
    consumer: ConsumerName,
    event_id: EventId,
    unmask_for: Annotated[
        str | None,
        typer.Option(help="看原值的目的，记入审计；缺省脱敏 / why to see its values, for the audit; default: masked"),
    ] = None,
    data: Data = DEFAULT,
) -> None:
    """查看一个搁置的事件 / show one parked event with what it says and the trace that led to it."""

    async def shown(unit: UnitOfWork) -> None:
        event = await operations.read_parked(unit, consumer, event_id, unmask_for=unmask_for)
        # What is seen has to be in the audit: it is written before it is shown.
        await unit.commit()
        out.print_json(orjson.dumps(asdict(event)).decode())

    _with_unit(data, service, "parked show", shown)


@parked.command()
def retry(service: ServiceName, consumer: ConsumerName, event_id: EventId, data: Data = DEFAULT) -> None:
    """立即重试 / try a parked event now."""
    _with_unit(data, service, "parked retry", lambda unit: operations.retry_parked(unit, consumer, event_id))


@parked.command()
def drop(
    service: ServiceName,
    consumer: ConsumerName,
    event_id: EventId,
    reason: Annotated[str, typer.Option(help="理由，记入审计 / why, for the audit")],
    data: Data = DEFAULT,
) -> None:
    """放弃一个事件 / give a parked event up, with a reason."""
    _with_unit(
        data, service, "parked drop", lambda unit: operations.drop_parked(unit, consumer, event_id, reason=reason)
    )


def _with_unit(data: Path, service: str, command: str, action: Any) -> None:
    async def run() -> None:
        async with (
            opened_program(data, service_named(service)) as program,
            program.unit(operator(command), area=Area.everywhere()) as unit,
        ):
            await action(unit)

    try:
        asyncio.run(run())
    except DomainError as error:
        fail_with(error)
