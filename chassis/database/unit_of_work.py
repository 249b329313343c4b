"""One change, one transaction: the session, who acts, and what will be recorded when it commits.

Actions flush, never commit; the edge (an HTTP route, a job, a subscription) commits once, before it answers.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType, TracebackType
from typing import Any, Final, Self

import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from chassis.clock import Clock
from chassis.database.engine import SET_AREA, Database, DatabaseAway, begin_over, is_outage
from chassis.database.hot import HotStatement
from chassis.database.pipeline import Statement
from chassis.events.event import Event
from chassis.records import (
    RECORD,
    Aggregate,
    Record,
    context_parameters,
    record_made,
    record_new,
    record_staged,
    rows_parameter,
)
from chassis.security.scope import Actor, Area
from chassis.security.vault import Vault

_RECORD: Final = text(RECORD)


class UnitOfWork:
    """A transaction of the role ``app`` over the actor's area.

    :param extras: what the program shares with its actions, by type: parameters, files, exports.
    :param area: normally the actor's own; :meth:`widen` is the one way to reach beyond it.
    """

    def __init__(
        self,
        database: Database,
        actor: Actor,
        clock: Clock,
        vault: Vault,
        *,
        area: Area | None = None,
        traceparent: str | None = None,
        extras: Mapping[type[Any], Any] = MappingProxyType({}),
    ) -> None:
        self._database = database
        self.actor = actor
        self.area = area or actor.area
        self.clock = clock
        self.vault = vault
        self.traceparent = traceparent
        self.extras = extras
        self.reason: str | None = None
        self._connection: AsyncConnection | None = None
        self._session: AsyncSession | None = None
        self._records: list[Record] = []
        self.aftermath: list[Callable[[Any], Awaitable[None]]] = []
        self.wrote_events = False

    async def begin(self, *, bind: bool = True) -> AsyncConnection:
        """Open the transaction if it is not open, and bind it to the area. Whoever is cut off in between holds nothing.

        :param bind: False when the caller's own first statement sets the area; until then no row is visible.
        """
        if self._connection is None:
            self._connection = await self._database.engine.connect()
            try:
                if bind:
                    await begin_over(self._connection, self.area)
                else:
                    await self._connection.begin()
            except BaseException:
                # A block that was not entered is not left either: nobody else would give the connection back.
                await self.close()
                raise
        return self.connection

    async def read_at_once(self, statements: Sequence[Statement], parameters: Mapping[str, Any]) -> list[list[Any]]:
        """The rows of each statement over the unit's area, in one round trip and a transaction that ends with it.

        It stands apart from the unit's own transaction: for a reading that may need none, see ``reads`` with
        ``at_once``.

        :raises DatabaseAway: if the database cannot be reached.
        """
        try:
            return await self._database.hot.read(statements, parameters, self.area)
        except psycopg.Error as error:
            if is_outage(error):
                raise DatabaseAway from None
            raise

    async def _bind_area(self) -> None:
        if self._connection is not None:
            await self._connection.execute(SET_AREA, {"lo": str(self.area.lo), "hi": str(self.area.hi)})

    @property
    def connection(self) -> AsyncConnection:
        """The open connection, for Core statements.

        :raises RuntimeError: before :meth:`begin`.
        """
        if self._connection is None:
            raise RuntimeError("the unit of work has not begun")
        return self._connection

    @property
    def session(self) -> AsyncSession:
        """The ORM session over the same transaction."""
        if self._session is None:
            self._session = AsyncSession(self.connection, expire_on_commit=False, autoflush=False)
        return self._session

    async def widen(self, area: Area) -> None:
        """Reach beyond the actor's area for the rest of this transaction, as a move between two areas must.

        Call it only after the action has checked the actor's right to both sides.

        :raises ValueError: if ``area`` does not contain the present one.
        """
        if not area.covers(self.area):
            raise ValueError("an area can only be widened")
        self.area = area
        await self._bind_area()

    def record(
        self,
        action: str,
        aggregate: Aggregate,
        *,
        fields: Sequence[str] = (),
        event: Event | None = None,
        reason: str | None = None,
        digests: Mapping[str, str] | None = None,
        deleted: bool = False,
    ) -> None:
        """Note that ``action`` changed ``aggregate``: audit entry, change-feed row, and the event that tells it.

        :param fields: names of the fields that changed.
        :param digests: keyed digests of personal values by field, never values.
        :param reason: why, if this differs from the unit's own ``reason``.
        """
        self._records.append(Record(action, aggregate, fields, event, reason, digests, deleted))

    def if_refused(self, action: Callable[[Any], Awaitable[None]]) -> None:
        """Do ``action`` (it gets the program) in a transaction of its own if this one ends in a refusal."""
        self.aftermath.append(action)

    async def record_from(self, source: str, parameters: Mapping[str, Any]) -> int:
        """Record in bulk what the query ``source`` gives; see :func:`chassis.records.record_staged`. Returns events."""
        return await self._record_in_bulk(record_staged(source), parameters)

    async def record_new_from(self, source: str, parameters: Mapping[str, Any]) -> int:
        """The same for things that this transaction made; see :func:`chassis.records.record_new`. Returns events."""
        return await self._record_in_bulk(record_new(source), parameters)

    async def record_made(self, changes: str, parameters: Mapping[str, Any]) -> int:
        """Change in bulk and record it, as :func:`chassis.records.record_made` says. Returns how many were changed."""
        made = await self.connection.execute(text(record_made(changes)), {**self._context(), **parameters})
        changed: int = made.scalar_one()
        return changed

    async def _record_in_bulk(self, statement: str, parameters: Mapping[str, Any]) -> int:
        result = await self.connection.execute(text(statement), {**self._context(), **parameters})
        self.wrote_events = self.wrote_events or result.rowcount > 0
        return result.rowcount

    async def run_hot(self, statement: HotStatement, parameters: Mapping[str, Any]) -> bool:
        """Do a hot statement within this transaction; False, and nothing written, without what it requires."""
        area = {"area_lo": self.area.lo, "area_hi": self.area.hi}
        bound = {**parameters, **area, **self._context()}
        allowed: bool = (await self.connection.exec_driver_sql(statement.unkeyed.text, bound)).one().allowed
        self.wrote_events = self.wrote_events or allowed
        return allowed

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """A part of the transaction that may fail alone: what it wrote and recorded is undone, what came before stays.

        What a failed step left to be done in case of a refusal stays to be done; a step that succeeds leaves nothing.
        """
        await self.flush()
        recorded, left, area = len(self._records), len(self.aftermath), self.area
        savepoint = await self.connection.begin_nested()
        try:
            yield
            await self.flush()
        except BaseException:
            self._session = None  # what it holds is undone; it owns no connection that it would have to give back
            del self._records[recorded:]
            self.area = area  # the setting is undone with the step
            await savepoint.rollback()
            raise
        await savepoint.commit()
        del self.aftermath[left:]
        if self.area != area:
            self.area = area
            await self._bind_area()

    def _context(self) -> dict[str, Any]:
        return context_parameters(
            self.actor, business_date=self.clock.today(), traceparent=self.traceparent, reason=self.reason
        )

    async def flush(self) -> None:
        """Send the session's pending changes, so that constraints speak and versions are known."""
        if self._session is not None:
            await self._session.flush()

    async def write_records(self) -> None:
        """Insert what was recorded so far; :meth:`commit` does it last of all."""
        await self.flush()
        if self._records:
            records, self._records = self._records, []
            self.wrote_events = self.wrote_events or any(record.event is not None for record in records)
            await self.connection.execute(_RECORD, {**self._context(), "rows": rows_parameter(records)})

    async def commit(self) -> None:
        """Write the records and commit. Nothing was done, nothing is sent."""
        if self._connection is not None:
            await self.write_records()
            await self._connection.commit()
            await self.close()

    async def close(self) -> None:
        """Roll back what was not committed and give the connection back."""
        connection, self._connection = self._connection, None
        session, self._session = self._session, None
        self._records.clear()
        if session is not None:
            await session.close()
        if connection is not None:
            await connection.close()

    async def __aenter__(self) -> Self:
        await self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                await self.commit()
        finally:
            await self.close()
