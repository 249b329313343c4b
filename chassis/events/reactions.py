"""Do what a consumer's subscriptions say of events that are its to take, in a transaction that the caller commits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.round_trip import pipelined
from chassis.events.event import Envelope
from chassis.events.holding import Key, State
from chassis.events.joined_unit import JoinedUnit
from chassis.events.states import ByType, claimed, claims, newest_by_type, states_at_once
from chassis.events.subscriptions import AnySubscription, StateSubscription, Subscription
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import Area
from chassis.telemetry import tracing

TRANSACTION_SECONDS_MAX: Final = 2.0
"""A batch commits what it has after this time, so that slow actions still make progress and locks stay short."""
ACTION_SECONDS_MAX: Final = 45.0
_PROCESS: Final = {"messaging.operation.type": "process"}


@dataclass
class Taken:
    """What one transaction did: events whose effect was taken, newest states, and whom it introduced.

    :ivar under_way: whose effect is being taken: if the transaction fails now, one of them is to blame.
    """

    envelopes: list[Envelope] = field(default_factory=list)
    states: dict[Key, State] = field(default_factory=dict)
    introduced: set[UUID] = field(default_factory=set)
    bound: Area = field(default_factory=Area.everywhere)
    under_way: list[Envelope] = field(default_factory=list)
    wrote_events: bool = False


class Reactions:
    """The subscriptions of one consumer.

    :ivar types: their wire types.
    :ivar texts: the same as text; ``kept``: those of them whose states are kept; ``full_state``: those that tell one.
    :raises ValueError: if two are of one type, or the program may not read an event.
    """

    def __init__(self, program: Program, name: str, subscriptions: Sequence[AnySubscription]) -> None:
        self._program = program
        self._name = name
        self._by_type = {each.event.wire_type(): each for each in subscriptions}
        for each in subscriptions:
            if each.event.readers is not None and program.name not in each.event.readers:
                raise ValueError(f"{program.name} may not read {each.event.wire_type()}: its contract does not name it")
        if len(self._by_type) < len(subscriptions):
            raise ValueError(f"consumer {name!r} subscribes to one event type twice")
        self.types = frozenset(self._by_type)
        self.texts = frozenset(wire_type.encode() for wire_type in self.types)
        self.kept = frozenset(text for text in self.texts if isinstance(self._of(text), StateSubscription))
        self.full_state = frozenset(text for text in self.texts if self._of(text).event.full_state)

    def _of(self, text: bytes) -> AnySubscription:
        return self._by_type[text.decode()]

    async def take(
        self, connection: AsyncConnection, envelopes: Sequence[Envelope], taken: Taken
    ) -> Sequence[Envelope]:
        """Apply events of unblocked, held keys until the time is up. Returns what is left."""
        until = time.monotonic() + TRANSACTION_SECONDS_MAX
        left = list({envelope.text.id: envelope for envelope in envelopes}.values())
        while left and time.monotonic() < until:
            count = states_at_once(left, self.kept)
            if count:
                newest = newest_by_type(left[:count])
                answers = await pipelined(connection, *claims(self._name, newest))
                await self.keep(connection, claimed(newest, answers), taken)
            else:
                await self._react(connection, left[0], taken)
            left = left[count or 1 :]
        return left

    async def keep(self, connection: AsyncConnection, newest: ByType, taken: Taken) -> None:
        """Apply claimed states, type by type; each draws a step of its own trace over the one statement."""
        for wire_type, states in newest.items():
            subscription = self._of(wire_type)
            assert isinstance(subscription, StateSubscription)
            taken.envelopes.extend(states)
            taken.under_way[:] = states
            told = list(zip(subscription.validate([one.data for one in states]), states, strict=True))
            actor, everywhere = scope.program(self._name, states[0].region), Area.everywhere()
            unit = JoinedUnit(connection, self._program, actor, bound=taken.bound, area=everywhere, traceparent=None)
            with ExitStack() as steps:
                for envelope in states if tracing.is_on() else ():
                    steps.enter_context(self._step(envelope))
                async with asyncio.timeout(ACTION_SECONDS_MAX), unit:
                    await subscription.keep(unit, told)
            taken.bound = unit.area
            taken.wrote_events = taken.wrote_events or unit.wrote_events
            taken.under_way.clear()
            if subscription.makes_known:
                taken.introduced.update(one.subject for one in states)

    async def _react(self, connection: AsyncConnection, envelope: Envelope, taken: Taken) -> None:
        subscription = self._by_type[envelope.type]
        assert isinstance(subscription, Subscription)
        key = (envelope.text.type, envelope.text.subject)
        taken.envelopes.append(envelope)
        if subscription.event.full_state:
            seen = taken.states.get(key)
            if seen is not None and envelope.aggregate_version < seen.version:
                return  # a newer state of it has been applied
            taken.states[key] = State(envelope.aggregate_version, envelope.text.id)
        taken.under_way[:] = [envelope]
        actor = scope.program(self._name, envelope.region)
        with self._step(envelope) as step:
            unit = JoinedUnit(connection, self._program, actor, bound=taken.bound, traceparent=step.traceparent)
            trace_id = step.traceparent.split("-")[1] if step.traceparent else None
            with structlog.contextvars.bound_contextvars(trace_id=trace_id):
                async with asyncio.timeout(ACTION_SECONDS_MAX), unit:
                    await subscription.action(unit, subscription.event.model_validate(envelope.data), envelope)
        taken.bound = unit.area
        taken.wrote_events = taken.wrote_events or unit.wrote_events
        taken.under_way.clear()
        if subscription.makes_known:
            taken.introduced.add(envelope.subject)

    def _step(self, envelope: Envelope) -> AbstractContextManager[tracing.Step]:
        attributes = _PROCESS | {"messaging.message.id": str(envelope.id), "messaging.consumer.group.name": self._name}
        name, parent = f"apply {envelope.type}", envelope.traceparent
        return tracing.span(self._program.name, name, kind="CONSUMER", parent=parent, attributes=attributes)
