"""Take each event's effect once, in order per key, however often and however late it arrives.

The inbox row (or the version of the state that is kept), the action's writes and its own events share one transaction.
An event that its action cannot apply is parked, and later events of its key line up behind it; a batch that it failed
is parted until it is alone. An outage parks nothing and counts nothing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, TypeVar

import structlog
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.bus.protocol import ConsumerPaused
from chassis.database.engine import EVERYWHERE, bound_to
from chassis.database.round_trip import pipelined
from chassis.events import metrics, parking
from chassis.events.event import Envelope
from chassis.events.faults import is_conflict, is_transient, reason_of
from chassis.events.holding import Known, blocked, hold, note
from chassis.events.parking import Failure, RetryPolicy
from chassis.events.parting import parts
from chassis.events.reactions import Reactions, Taken
from chassis.events.states import claimed, claims, newest_by_type, states_at_once
from chassis.events.subscriptions import AnySubscription, Forget, PersonUnknown
from chassis.events.tables import inbox, parked, seen_version
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import Area

BATCH_MAX: Final = 500
STATES_MAX: Final = 1_000
"""The same of a consumer that only keeps states: a transaction costs as much as a hundred of them."""
CONFLICT_TRIES_MAX: Final = 5
_CONFLICT_REST_SECONDS: Final = 0.02
_FORGET_SECONDS: Final = 600

_Answer = TypeVar("_Answer")

log = structlog.get_logger(__name__)


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
        self._reactions = Reactions(program, name, subscriptions)

    @property
    def types(self) -> frozenset[str]:
        return self._reactions.types

    @property
    def kept(self) -> frozenset[bytes]:
        return self._reactions.kept

    async def apply(self, envelopes: Sequence[Envelope]) -> None:
        """Apply or park each event that is subscribed to; return when all of that is committed.

        :raises ConsumerPaused: if the database, not an event, stood in the way; what was committed stays.
        """
        ours = [envelope for envelope in envelopes if envelope.text.type in self._reactions.texts]
        size = STATES_MAX if self._reactions.kept == self._reactions.texts else BATCH_MAX
        left: deque[Sequence[Envelope]] = deque(ours[start : start + size] for start in range(0, len(ours), size))
        while left:
            left.extendleft(reversed(await self._together_or_apart(left.popleft())))

    async def _together_or_apart(self, batch: Sequence[Envelope]) -> Sequence[Sequence[Envelope]]:
        """Apply a batch in one transaction, or park it if it is one event that fails.

        Returns what is left to do, in order: what its time did not suffice for, or the parts of a batch that failed.
        """
        blamed: list[Envelope] = []
        try:
            left = await self._patiently(lambda: self._transaction(batch, blamed))
        except ConsumerPaused:
            raise
        except Exception as error:  # noqa: BLE001  # an action may raise anything; its event is then parked
            failure = self.failure_of(error)
        else:
            return [left] if left else []
        if len(batch) > 1:
            return parts(batch, blamed)
        await self._patiently(lambda: self._park(batch[0], failure))
        return []

    async def _patiently(self, attempt: Callable[[], Awaitable[_Answer]]) -> _Answer:
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

    async def _transaction(self, batch: Sequence[Envelope], blamed: list[Envelope]) -> Sequence[Envelope]:
        """Apply a batch and commit. Returns what its time did not suffice for.

        :param blamed: says afterwards whose effect was being taken when it failed, if it was any one's.
        """
        blamed.clear()
        async with self._program.database.engine.connect() as connection:
            await connection.begin()
            if states_at_once(batch, self._reactions.kept) == len(batch):
                if await self._only_states(connection, batch, blamed):
                    return ()
                await connection.rollback()  # and with it the claims
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
            taken = Taken(states=dict(known.states), bound=area, under_way=blamed)
            left = await self._reactions.take(connection, free, taken)
            await self._note(connection, taken, known, commit=True)
        await self._after(taken)
        return left

    async def _only_states(
        self, connection: AsyncConnection, batch: Sequence[Envelope], blamed: list[Envelope]
    ) -> bool:
        """Keep a batch of nothing but states and commit; False, to be rolled back, if any has to line up.

        Its keys are not held: the claim of a state is what two transactions of one thing wait for. An event that is
        parked for one of them later than this looks finds the state claimed when it is tried.
        """
        newest = newest_by_type(batch)
        subjects = [each.text.subject for told in newest.values() for each in told]
        statements = (EVERYWHERE, *claims(self.name, newest), blocked(self.name, subjects))
        _, *answers, waiting = await pipelined(connection, *statements)
        if waiting:
            return False
        taken = Taken(under_way=blamed)
        await self._reactions.keep(connection, claimed(newest, answers), taken)
        await connection.commit()
        await self._after(taken)
        return True

    def _area_of_first(self, batch: Sequence[Envelope]) -> Area:
        """What the first action of a batch will need; kept states need the whole country."""
        return (
            Area.everywhere()
            if batch[0].text.type in self._reactions.kept
            else scope.program(self.name, batch[0].region).area
        )

    async def _hold(
        self, connection: AsyncConnection, envelopes: Sequence[Envelope], area: Area | None = None
    ) -> Known:
        told = self._reactions
        return await hold(connection, self.name, envelopes, full_state=told.full_state, by_state=told.kept, area=area)

    def _is_new(self, known: Known, envelope: Envelope) -> bool:
        return known.is_new(envelope, by_state=envelope.text.type in self._reactions.kept)

    async def _note(self, connection: AsyncConnection, taken: Taken, known: Known, *, commit: bool) -> None:
        in_inbox = [envelope for envelope in taken.envelopes if envelope.text.type not in self._reactions.kept]
        rising = {key: state for key, state in taken.states.items() if known.states.get(key) != state}
        await note(connection, self.name, in_inbox, rising, commit=commit)

    async def _after(self, taken: Taken) -> None:
        """What follows the commit: wake this service's relay, and whatever waited for those introduced."""
        metrics.applied.labels(self.name).inc(len(taken.envelopes))
        if taken.wrote_events:
            self._program.events_written()
        if taken.introduced:
            # In a transaction of its own: a retry that is under way holds the row, and could wait for this one.
            async with self._program.database.transaction(Area.everywhere()) as connection:
                await parking.wake_waiting(connection, taken.introduced)

    async def _park(self, envelope: Envelope, failure: Failure) -> None:
        async with self._program.database.engine.begin() as connection:
            known = await self._hold(connection, [envelope])
            if not self._is_new(known, envelope):
                return
            if known.blocked:
                await parking.line_up(connection, self.name, [envelope])
                return
            waits = self.policy.waiting_seconds if failure.awaits else self.policy.backoff_seconds[0]
            state = await parking.park(connection, self.name, envelope, failure, waits)
        self.note_parked(envelope, state, failure)

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
        taken = Taken(states=dict(known.states))
        if self._is_new(known, envelope):
            await self._reactions.take(connection, [envelope], taken)
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
