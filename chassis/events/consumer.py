"""Take each event's effect once, in order per key, however often and however late it arrives.

The inbox row (or the version of the state that is kept), the action's writes and its own events share one transaction.
An event that its action cannot apply is parked, and later events of its key line up behind it; an outage parks nothing
and counts nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus.protocol import ConsumerPaused
from chassis.database.engine import bound_to
from chassis.database.round_trip import pipelined
from chassis.events import metrics, parking
from chassis.events.event import Envelope
from chassis.events.faults import is_conflict, is_transient, reason_of
from chassis.events.holding import Key, Known, State, hold, note
from chassis.events.joined_unit import JoinedUnit
from chassis.events.parking import Failure, RetryPolicy
from chassis.events.states import newest_by_type, states_at_once
from chassis.events.subscriptions import AnySubscription, Forget, PersonUnknown, StateSubscription, Subscription
from chassis.events.tables import inbox, parked, seen_version
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import Area
from chassis.telemetry import tracing

BATCH_MAX: Final = 500
TRANSACTION_SECONDS_MAX: Final = 2.0
"""A batch commits what it has after this time, so that slow actions still make progress and locks stay short."""
ACTION_SECONDS_MAX: Final = 45.0
CONFLICT_TRIES_MAX: Final = 5
_CONFLICT_REST_SECONDS: Final = 0.02
_FORGET_SECONDS: Final = 600
_PROCESS: Final = {"messaging.operation.type": "process"}

log = structlog.get_logger(__name__)


@dataclass
class _Taken:
    """What one transaction did: events whose effect was taken, newest states, and whom it introduced."""

    envelopes: list[Envelope] = field(default_factory=list)
    states: dict[Key, State] = field(default_factory=dict)
    introduced: set[UUID] = field(default_factory=set)
    bound: Area = field(default_factory=Area.everywhere)
    wrote_events: bool = False


class Consumer:
    """One service's reactions under one name; a :class:`chassis.bus.protocol.Subscriber`.

    :param name: the consumer group, such as ``assets`` or ``assets.people``; never changed once events were taken,
        because inbox and parked rows carry it.
    :param forget: empties what the actions built, when everything is to be replayed from the first event. Without it
        the actions must bear being applied again.
    """

    def __init__(
        self,
        program: Program,
        name: str,
        subscriptions: Sequence[AnySubscription],
        *,
        forget: Forget | None = None,
        policy: RetryPolicy = RetryPolicy(),
    ) -> None:
        self._program = program
        self.name = name
        self.policy = policy
        self._forget = forget
        self._subscriptions = {each.event.wire_type(): each for each in subscriptions}
        for each in subscriptions:
            if each.event.readers is not None and program.name not in each.event.readers:
                raise ValueError(f"{program.name} may not read {each.event.wire_type()}: its contract does not name it")
        self._states = {each.event.wire_type() for each in subscriptions if isinstance(each, StateSubscription)}
        self._full_state = {wire_type for wire_type, each in self._subscriptions.items() if each.event.full_state}
        if len(self._subscriptions) < len(subscriptions):
            raise ValueError(f"consumer {name!r} subscribes to one event type twice")

    @property
    def types(self) -> frozenset[str]:
        return frozenset(self._subscriptions)

    async def apply(self, envelopes: Sequence[Envelope]) -> None:
        """Apply or park each event that is subscribed to; return when all of that is committed.

        :raises ConsumerPaused: if the database, not an event, stood in the way; what was committed stays.
        """
        left = [envelope for envelope in envelopes if envelope.type in self._subscriptions]
        while left:
            batch, rest = left[:BATCH_MAX], left[BATCH_MAX:]
            left = [*await self._together_or_alone(batch), *rest]

    async def _together_or_alone(self, batch: Sequence[Envelope]) -> Sequence[Envelope]:
        """Apply a batch in one transaction; if an action fails, each event in its own. Returns what is left to do."""
        try:
            return await self._patiently(lambda: self._transaction(batch))
        except ConsumerPaused:
            raise
        except Exception as error:  # noqa: BLE001  # an action may raise anything; its event is then parked
            failure = self.failure_of(error)
        if len(batch) == 1:
            return await self._patiently(lambda: self._park(batch[0], failure))
        for envelope in batch:
            left: Sequence[Envelope] = [envelope]
            while left:
                left = await self._together_or_alone(left)
        return ()

    async def _patiently(self, attempt: Callable[[], Awaitable[Sequence[Envelope]]]) -> Sequence[Envelope]:
        for tries in range(1, CONFLICT_TRIES_MAX + 1):
            try:
                return await attempt()
            except Exception as error:
                if not is_transient(error):
                    raise
                if not is_conflict(error) or tries == CONFLICT_TRIES_MAX:
                    raise ConsumerPaused(reason_of(error)) from error
                await asyncio.sleep(_CONFLICT_REST_SECONDS * tries)
        raise AssertionError("unreachable: the last try returns or raises")

    async def _transaction(self, batch: Sequence[Envelope]) -> Sequence[Envelope]:
        async with self._program.database.engine.connect() as connection:
            await connection.begin()
            area = self._area_of_first(batch)
            known = await self._hold(connection, batch, area)
            new = [envelope for envelope in batch if self._is_new(known, envelope)]
            free = new
            if known.blocked:
                area = Area.everywhere()  # what lines up is of any
                await pipelined(connection, bound_to(area))
                behind = [envelope for envelope in new if envelope.text.subject in known.blocked]
                await parking.line_up(connection, self.name, behind)
                free = [envelope for envelope in new if envelope.text.subject not in known.blocked]
            taken = _Taken(states=dict(known.states), bound=area)
            left = await self._take(connection, free, taken)
            await self._note(connection, taken, known, commit=True)
        await self._after(taken)
        return left

    def _area_of_first(self, batch: Sequence[Envelope]) -> Area:
        """What the first action of a batch will need; kept states need the whole country."""
        return Area.everywhere() if batch[0].type in self._states else scope.program(self.name, batch[0].region).area

    async def _hold(
        self, connection: AsyncConnection, envelopes: Sequence[Envelope], area: Area | None = None
    ) -> Known:
        return await hold(
            connection, self.name, envelopes, full_state=self._full_state, by_state=self._states, area=area
        )

    def _is_new(self, known: Known, envelope: Envelope) -> bool:
        return known.is_new(envelope, by_state=envelope.type in self._states)

    async def _take(
        self, connection: AsyncConnection, envelopes: Sequence[Envelope], taken: _Taken
    ) -> Sequence[Envelope]:
        """Apply events of unblocked, held keys until the time is up. Returns what is left."""
        until = time.monotonic() + TRANSACTION_SECONDS_MAX
        left = list({envelope.text.id: envelope for envelope in envelopes}.values())
        while left and time.monotonic() < until:
            count = states_at_once(left, self._subscriptions)
            if count:
                await self._keep(connection, left[:count], taken)
            else:
                await self._react(connection, left[0], taken)
            left = left[count or 1 :]
        return left

    async def _note(self, connection: AsyncConnection, taken: _Taken, known: Known, *, commit: bool) -> None:
        in_inbox = [envelope for envelope in taken.envelopes if envelope.type not in self._states]
        rising = {key: state for key, state in taken.states.items() if known.states.get(key) != state}
        await note(connection, self.name, in_inbox, rising, commit=commit)

    async def _react(self, connection: AsyncConnection, envelope: Envelope, taken: _Taken) -> None:
        subscription = self._subscriptions[envelope.type]
        assert isinstance(subscription, Subscription)
        key = (envelope.text.type, envelope.text.subject)
        taken.envelopes.append(envelope)
        if subscription.event.full_state:
            seen = taken.states.get(key)
            if seen is not None and envelope.aggregate_version < seen.version:
                return  # a newer state of it has been applied
            taken.states[key] = State(envelope.aggregate_version, envelope.text.id)
        actor = scope.program(self.name, envelope.region)
        with self._step(envelope) as step:
            unit = JoinedUnit(connection, self._program, actor, bound=taken.bound, traceparent=step.traceparent)
            trace_id = step.traceparent.split("-")[1] if step.traceparent else None
            with structlog.contextvars.bound_contextvars(trace_id=trace_id):
                async with asyncio.timeout(ACTION_SECONDS_MAX), unit:
                    await subscription.action(unit, subscription.event.model_validate(envelope.data), envelope)
        taken.bound = unit.area
        taken.wrote_events = taken.wrote_events or unit.wrote_events
        if subscription.makes_known:
            taken.introduced.add(envelope.subject)

    async def _keep(self, connection: AsyncConnection, envelopes: Sequence[Envelope], taken: _Taken) -> None:
        """Apply states together, type by type; each draws a step of its own trace over the one statement."""
        taken.envelopes.extend(envelopes)
        for wire_type, newest in newest_by_type(envelopes, taken.states).items():
            subscription = self._subscriptions[wire_type]
            assert isinstance(subscription, StateSubscription)
            for one in newest:
                taken.states[one.text.type, one.text.subject] = State(one.aggregate_version, one.text.id)
            told = [(subscription.event.model_validate(one.data), one) for one in newest]
            actor, everywhere = scope.program(self.name, newest[0].region), Area.everywhere()
            unit = JoinedUnit(connection, self._program, actor, bound=taken.bound, area=everywhere, traceparent=None)
            with ExitStack() as steps:
                for envelope in newest if tracing.is_on() else ():
                    steps.enter_context(self._step(envelope))
                async with asyncio.timeout(ACTION_SECONDS_MAX), unit:
                    await subscription.keep(unit, told)
            taken.bound = unit.area
            taken.wrote_events = taken.wrote_events or unit.wrote_events
            if subscription.makes_known:
                taken.introduced.update(one.subject for one in newest)

    def _step(self, envelope: Envelope) -> AbstractContextManager[tracing.Step]:
        attributes = _PROCESS | {"messaging.message.id": str(envelope.id), "messaging.consumer.group.name": self.name}
        name, parent = f"apply {envelope.type}", envelope.traceparent
        return tracing.span(self._program.name, name, kind="CONSUMER", parent=parent, attributes=attributes)

    async def _after(self, taken: _Taken) -> None:
        """What follows the commit: wake this service's relay, and whatever waited for those introduced."""
        metrics.applied.labels(self.name).inc(len(taken.envelopes))
        if taken.wrote_events:
            self._program.events_written()
        if taken.introduced:
            # In a transaction of its own: a retry that is under way holds the row, and could wait for this one.
            async with self._program.database.transaction(Area.everywhere()) as connection:
                await parking.wake_waiting(connection, taken.introduced)

    async def _park(self, envelope: Envelope, failure: Failure) -> Sequence[Envelope]:
        async with self._program.database.engine.begin() as connection:
            known = await self._hold(connection, [envelope])
            if not self._is_new(known, envelope):
                return ()
            if known.blocked:
                await parking.line_up(connection, self.name, [envelope])
                return ()
            waits = self.policy.waiting_seconds if failure.awaits else self.policy.backoff_seconds[0]
            state = await parking.park(connection, self.name, envelope, failure, waits)
        self.note_parked(envelope, state, failure)
        return ()

    @staticmethod
    def failure_of(error: Exception) -> Failure:
        """Why an action failed, without what its error says."""
        return Failure(reason_of(error), error.id if isinstance(error, PersonUnknown) else None)

    def note_parked(self, envelope: Envelope, state: str, failure: Failure) -> None:
        """Count and log that an event was put aside."""
        metrics.parked_events.labels(self.name, state).inc()
        names = {"consumer": self.name, "event_id": str(envelope.id), "type": envelope.type, "reason": failure.reason}
        log.warning("event.parked", state=state, **names)

    async def retry(self, connection: AsyncConnection, envelope: Envelope) -> Callable[[], Awaitable[None]]:
        """Apply a parked event whose key the caller has locked, in the caller's transaction.

        Returns what to call after the commit.
        """
        known = await self._hold(connection, [envelope])
        taken = _Taken(states=dict(known.states))
        if self._is_new(known, envelope):
            await self._take(connection, [envelope], taken)
            await self._note(connection, taken, known, commit=False)
        return lambda: self._after(taken)

    async def forget(self, types: Collection[str]) -> None:
        """Unlearn every event of ``types``; what the actions built goes too if these are all types of the consumer."""
        async with self._program.database.transaction(Area.everywhere()) as connection:
            limit = {"limit": f"{_FORGET_SECONDS}s"}
            await connection.execute(text("SELECT set_config('statement_timeout', :limit, true)"), limit)
            for table in (parked, inbox, seen_version):  # parked first: a retry under way holds its row until it ends
                await connection.execute(
                    delete(table).where(table.c.consumer == self.name, table.c.type.in_(list(types)))
                )
            await parking.release_all(connection, self.name)
            if self._forget is not None and self.types <= set(types):
                await self._forget(connection)
