"""Finish a request: keep its answer under the client's key, commit, and only then let the answer go."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from sqlalchemy import insert, text
from starlette.responses import Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Fault, InvalidInput, Message
from chassis.http.late import LateResponse
from chassis.idempotency.tables import idempotency
from chassis.identifiers import new_id
from chassis.program import Program, program_of

IN_FLIGHT_WAIT_SECONDS: Final = 5.0
_POLL_SECONDS: Final = (0.02, 0.05, 0.1, 0.2)
_KEY: Final = re.compile(r"[\x21-\x7e]{8,128}")
_SCOPE: Final = "xianjie.edge"
KEPT_HEADERS: Final = ("content-type", "etag", "location")

# One round trip opens the unit: the area, the lock of the key, and the answer if it is there. A first request that
# commits between this statement's snapshot and its lock stays unseen here; the primary key then refuses the second
# answer and the route runs again, finding it.
_OPEN: Final = text(
    """
    SELECT set_config('app.area_lo', :lo, true), set_config('app.area_hi', :hi, true),
           pg_try_advisory_xact_lock(hashtextextended(:identity, 0)) AS mine,
           stored.row, stored.body_digest, stored.status, stored.headers, stored.answer
    FROM (SELECT 1) AS one LEFT JOIN idempotency AS stored
      ON stored.subject = :subject AND stored.method = :method AND stored.path = :path AND stored.key = :key
    """
)


class InFlight(Conflict):
    code, status = "request_in_flight", 409
    title = Message("同一请求正在处理，请稍后重试。", "The same request is being worked on; retry in a moment.")


class KeyReused(InvalidInput):
    code, status = "idempotency_key_reused", 422
    title = Message(
        "此 Idempotency-Key 已用于内容不同的请求，请换一个。",
        "This Idempotency-Key was used for another request; choose a new one.",
    )


class Replayed(Exception):  # an answer, not a failure
    """The stored answer of an earlier request with the same key."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Edge:
    """What one request opened and must finish."""

    def __init__(self) -> None:
        self.unit: UnitOfWork | None = None
        self._key: dict[str, str] | None = None
        self._digest_scope = ""
        self._body: bytes | None = None
        self._stored: Any = None
        self._changes = False

    async def open(self, unit: UnitOfWork, request: Request, *, changes: bool) -> None:
        """Begin the unit; with an Idempotency-Key, take its lock or replay its answer.

        :raises Replayed: with the stored answer.
        :raises KeyReused: if the key came with another body or query before.
        :raises InFlight: if the first request is still at work after five seconds.
        """
        self.unit, self._changes = unit, changes
        key = checked_key(request) if changes else None
        if key is None:
            await unit.begin()
            return
        self._key = {
            "subject": unit.actor.subject,
            "method": request.method,
            "path": request.scope["path"],
            "key": key,
        }
        self._digest_scope = digest_scope(self._identity(), request)
        program = program_of(request)
        # An import's body is a file too large to hold; its handler digests it while it streams, see settle_body.
        if not request.headers.get("content-type", "").startswith("multipart/") and not _streams(request):
            self._body = await request.body()
        await self._take(program)

    async def _take(self, program: Program) -> None:
        assert self.unit is not None
        assert self._key is not None
        identity = self._identity()
        area = self.unit.area
        waited = 0.0
        for turn in range(1000):
            connection = await self.unit.begin(bind=False)
            row = (
                await connection.execute(
                    _OPEN, {"lo": str(area.lo), "hi": str(area.hi), "identity": identity, **self._key}
                )
            ).one()
            if row.status is not None:
                self._replay_if_same(program, row)
            if row.mine:
                return
            await self.unit.close()
            if waited >= IN_FLIGHT_WAIT_SECONDS:
                break
            pause = _POLL_SECONDS[min(turn, len(_POLL_SECONDS) - 1)]
            await asyncio.sleep(pause)
            waited += pause
        raise InFlight(headers={"Retry-After": "2"})

    def _replay_if_same(self, program: Program, row: Any) -> None:
        if self._body is None:
            self._stored = row
            return
        if not program.vault.digests.is_body(row.body_digest, self._body, scope=self._digest_scope):
            raise KeyReused
        sealed = bytes(row.answer)
        answer = program.vault.encryptor.open_bytes(sealed, table="idempotency", column="answer", row=row.row)
        headers = {**row.headers, "Idempotent-Replayed": "true"}
        raise Replayed(Response(answer, status_code=row.status, headers=headers))

    def settle_body(self, program: Program, hashed: bytes) -> None:
        """Tell the hash of a streamed body once it is known; replays or refuses like :meth:`open`."""
        self._body = hashed
        if self._stored is not None:
            self._replay_if_same(program, self._stored)

    async def finish(self, request: Request, response: Response) -> None:
        """Keep the answer and commit, if the request changed something and succeeded."""
        unit = self.unit
        if unit is None or not self._changes or response.status_code >= 400:
            return
        if self._key is not None and self._body is not None and not isinstance(response, LateResponse):
            await self._keep(program_of(request), unit, response)
        await unit.commit()
        if unit.wrote_events:
            program_of(request).events_written()

    def _identity(self) -> str:
        key = self._key or {}
        return key_identity(key["subject"], key["method"], key["path"], key["key"])

    async def _keep(self, program: Program, unit: UnitOfWork, response: Response) -> None:
        assert self._body is not None
        row = new_id()
        vault = program.vault
        await unit.connection.execute(
            insert(idempotency).values(
                **(self._key or {}),
                row=row,
                body_digest=vault.digests.of_body(self._body, scope=self._digest_scope),
                status=response.status_code,
                headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
                answer=vault.encryptor.seal(bytes(response.body), table="idempotency", column="answer", row=row),
            )
        )

    async def refused(self, request: Request) -> None:
        """Roll back, then do what the action left to be done in that case."""
        if self.unit is not None:
            await self.unit.close()
            for action in self.unit.aftermath:
                await action(program_of(request))

    async def close(self) -> None:
        if self.unit is not None:
            await self.unit.close()


def checked_key(request: Request) -> str | None:
    """The client's Idempotency-Key of a POST, or None.

    :raises InvalidInput: for a key of another form.
    """
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key is not None and not _KEY.fullmatch(key):
        fault = Fault(
            "idempotency-key",
            "key_form",
            Message("请用 8 至 128 个可见字符。", "Use 8 to 128 visible ASCII signs, such as a UUID."),
        )
        raise InvalidInput(faults=[fault])
    return key


def key_identity(subject: str, method: str, path: str, key: str) -> str:
    """What an Idempotency-Key is unique for."""
    return "\x1f".join((subject, method, path, key))


def digest_scope(identity: str, request: Request) -> str:
    """What the digest of a body is bound to: with another query the same body asks for something else."""
    # Which upload a file came by says nothing of what is in it: its content's hash is the body.
    asked = sorted(pair for pair in request.query_params.multi_items() if pair[0] != "file_id")
    return f"{identity}\x1f{urlencode(asked)}" if asked else identity


def _streams(request: Request) -> bool:
    return bool(request.scope.get("xianjie.streams_body"))


def new_edge(request: Request) -> Edge:
    edge = Edge()
    request.scope[_SCOPE] = edge
    return edge


def edge_of(request: Request) -> Edge:
    edge: Edge = request.scope[_SCOPE]
    return edge
