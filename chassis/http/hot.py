"""Let a hot route write in one round trip, under the same token, permission, key and answer as any other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import orjson
import psycopg
from fastapi import Depends, Request
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.responses import Response

from chassis.database.engine import SERIALIZATION_STATES, DatabaseAway, is_outage
from chassis.database.hot import HotStatement, Outcome
from chassis.database.pipeline import Statement
from chassis.errors import NotAllowed
from chassis.http.acting import Acting, actor_of
from chassis.http.conflicts import conflict_over
from chassis.http.edge import KEPT_HEADERS, Edge, InFlight, checked_key, digest_scope, key_identity
from chassis.http.trace import traceparent_of
from chassis.identifiers import new_id
from chassis.program import Program, program_of
from chassis.records import context_parameters
from chassis.security.scope import Actor, Area, Permission

ATTEMPTS_MAX: Final = 4


class HotWrite:
    """One hot request: who acts, and the one statement that will write it.

    :ivar now: the instant on the business calendar, asked for once.
    """

    def __init__(self, program: Program, actor: Actor, request: Request, now: datetime) -> None:
        self.program = program
        self.actor = actor
        self.now = now
        self._request = request

    @property
    def today(self) -> date:
        """The business date."""
        return self.now.date()

    async def run(self, statement: HotStatement, parameters: Mapping[str, Any], response: Response) -> bool:
        """Write, keep ``response`` under the client's key and commit; False, and nothing written, without ``required``.

        :raises Replayed: with the first answer, if the key was used before.
        :raises InFlight: while the first request with the key is at work.
        """
        request, program = self._request, self.program
        key = checked_key(request)
        area = self.actor.area
        bound = {
            **parameters,
            "area_lo": area.lo,
            "area_hi": area.hi,
            **context_parameters(
                self.actor,
                business_date=self.today,
                traceparent=traceparent_of(request.scope),
                reason=None,
            ),
        }
        if key is not None:
            bound |= await self._kept(key, response)
        wanted = statement.unkeyed if key is None else statement.keyed
        for _ in range(ATTEMPTS_MAX):
            outcome = await self._sent(wanted, bound, area)
            if not outcome.allowed:
                return False
            if outcome.first:
                program.events_written()
                return True
            # Somebody was first with this key: the ordinary way waits for them, then replays or refuses. It returns
            # only if they failed after all, and then it is our turn.
            edge = Edge()
            try:
                await edge.open(program.unit(self.actor), request, changes=True)
            finally:
                await edge.close()
        raise InFlight(headers={"Retry-After": "2"})

    async def _sent(self, statement: Statement, bound: Mapping[str, Any], area: Area) -> Outcome:
        try:
            return await self.program.database.hot.run(statement, bound, area)
        except PoolTimeout:
            raise DatabaseAway from None
        except psycopg.Error as error:
            if is_outage(error) or error.sqlstate in SERIALIZATION_STATES:
                raise DatabaseAway from None
            if (error.sqlstate or "").startswith("23"):
                raise conflict_over(error) from None
            raise

    async def _kept(self, key: str, response: Response) -> dict[str, Any]:
        request, vault = self._request, self.program.vault
        path: str = request.scope["path"]
        identity = key_identity(self.actor.subject, request.method, path, key)
        row = new_id()
        body = bytes(response.body)
        return {
            "key_identity": identity,
            "key": key,
            "key_method": request.method,
            "key_path": path,
            "key_row": row,
            "body_digest": vault.digests.of_body(await request.body(), scope=digest_scope(identity, request)),
            "status": response.status_code,
            "headers": orjson.dumps(
                {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            ).decode(),
            "answer": vault.encryptor.seal(body, table="idempotency", column="answer", row=row),
        }


class HotActing(Acting):
    """Like :class:`Acting`, but opens nothing: the statement is the transaction."""

    async def __call__(self, request: Request) -> HotWrite:  # type: ignore[override]
        program = program_of(request)
        now = program.clock.business_now()
        actor = await actor_of(request, on=now.date())
        if not self.permission.allows(actor.role):
            raise NotAllowed
        return HotWrite(program, actor, request, now)


def hot_writes(permission: Permission) -> Any:
    """``write: Annotated[HotWrite, hot_writes(CLUE_REPORT)]``."""
    return Depends(HotActing(permission, changes=True))
