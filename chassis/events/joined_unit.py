"""Let an action work in a transaction that it shares with the inbox and with other events of its batch."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.unit_of_work import UnitOfWork
from chassis.program import Program
from chassis.security.scope import Actor, Area


class JoinedUnit(UnitOfWork):
    """A unit of work over a transaction of someone else's: its commit writes the records and leaves the rest open.

    It neither rolls back nor gives back the connection; whoever opened the transaction does.

    :param bound: the area that the transaction is bound to so far; ``unit.area`` is that afterwards.
    :param area: normally the actor's own.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        program: Program,
        actor: Actor,
        *,
        bound: Area,
        area: Area | None = None,
        traceparent: str | None,
    ) -> None:
        super().__init__(
            program.database,
            actor,
            program.clock,
            program.vault,
            area=area,
            traceparent=traceparent,
            extras=program.extras,
        )
        self._connection = connection
        self._bound = bound

    async def begin(self, *, bind: bool = True) -> AsyncConnection:
        if bind and self._bound != self.area:
            await self._bind_area()
        return self.connection

    async def commit(self) -> None:
        await self.write_records()

    async def close(self) -> None:
        self._records.clear()
        session, self._session = self._session, None
        if session is not None:
            await session.close()  # in this mode it leaves the joined transaction alone
