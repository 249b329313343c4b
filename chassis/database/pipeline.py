"""Run prepared statements as one transaction, in one flush and one wait.

psycopg's own pipeline makes a reader, a timer and a task of the event loop for each statement; for a hot write that
was the largest part of what Python did for it (measured, see ADR 0001). Here a socket keeps its reader for as long as
it lives, and one future waits for the synchronisation point.

Neither BEGIN nor COMMIT is sent. PostgreSQL runs everything up to a synchronisation point as one transaction, commits
it there and says so only afterwards; after an error it rolls back there. So a failed statement cannot leave an aborted
transaction behind on a connection that is used again, and an answer means that the change is committed.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import namedtuple
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import zip_longest
from typing import Any, Final, Self

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

_NAMED: Final = re.compile(r"%\((\w+)\)s")
_COLON: Final = re.compile(r"(?<![:\w]):(\w+)(?!:)")  # as SQLAlchemy's text() finds them


@dataclass(frozen=True)
class Statement:
    """One SQL statement, prepared once on each connection. Parameters are named, as ``%(name)s``.

    Values travel as text and take their types from where they stand, so that a small and a large number do not make two
    statements; a cast says the type where the place leaves it open.
    """

    text: str

    @classmethod
    def of(cls, sql: str) -> Self:
        """The statement of a text that names parameters as SQLAlchemy does, ``:name``."""
        return cls(_COLON.sub(r"%(\1)s", sql))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its parameters, in the order of their numbers."""
        return tuple(dict.fromkeys(_NAMED.findall(self.text)))

    @cached_property
    def numbered(self) -> bytes:
        """The text as PostgreSQL reads it, with ``$1`` for the first name."""
        number = {name: at for at, name in enumerate(self.names, 1)}
        return _NAMED.sub(lambda found: f"${number[found[1]]}", self.text).encode()

    @cached_property
    def key(self) -> bytes:
        """What it is prepared as."""
        return b"xj_" + hashlib.sha256(self.numbered).hexdigest()[:32].encode()

    @cached_property
    def formats(self) -> list[PyFormat]:
        return [PyFormat.TEXT] * len(self.names)


BEGIN: Final = Statement("BEGIN")
COMMIT: Final = Statement("COMMIT")
ROLLBACK: Final = Statement("ROLLBACK")


class PipelineConnection:
    """A connection that does one transaction after another. Made by :meth:`connect`."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._connection = connection
        self._pgconn = connection.pgconn
        self._adapter = Transformer(connection)
        self._loop = asyncio.get_running_loop()
        self._socket = self._pgconn.socket
        self._prepared: set[bytes] = set()
        self._results: list[PGresult] = []
        self._answer: asyncio.Future[list[PGresult]] | None = None
        self.is_lost = False
        self._pgconn.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._readable)

    @classmethod
    async def connect(cls, url: str, *, options: str, timeout_seconds: int) -> Self:
        """A new connection; ``options`` as on a server's command line.

        :raises psycopg.OperationalError: if the server cannot be reached.
        """
        return cls(
            await psycopg.AsyncConnection.connect(
                url, autocommit=True, options=options, connect_timeout=timeout_seconds
            )
        )

    async def transact(self, statements: Iterable[Statement], values: Mapping[str, Any]) -> PGresult:
        """Run the statements in order as one transaction and commit it; returns what the last one gave.

        :raises psycopg.Error: and nothing was written, unless :attr:`is_lost`: then the commit may have been under way.
        """
        return (await self.send(statements, values))[-1]

    async def send(self, statements: Iterable[Statement], values: Mapping[str, Any]) -> list[PGresult]:
        """The same; returns what each statement gave.

        With :data:`BEGIN` among them the transaction stays open until :data:`COMMIT`, in this or a later call. After an
        error such a transaction is aborted: close the connection, or send a rollback.
        """
        preparing = self._queue(statements, values)
        self._results = []
        self._answer = self._loop.create_future()
        try:
            await self._flush()
            results = await self._answer
        except BaseException:
            # What was sent may be at work still, and its answer belongs to nobody else.
            await self.close()
            raise
        finally:
            self._answer = None
        given = []
        for result, prepared in zip_longest(results, preparing):
            if prepared is None:
                given.append(result)
            elif result is not None and result.status == ExecStatus.COMMAND_OK:
                self._prepared.add(prepared)  # it outlives a transaction that is rolled back
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise error_from_result(result)
        return given

    def rows(self, result: PGresult) -> list[Any]:
        """What a statement gave, as named tuples of Python's values."""
        self._adapter.set_pgresult(result)
        if not result.ntuples:
            return []
        names = tuple((result.fname(at) or b"").decode() for at in range(result.nfields))
        return self._adapter.load_rows(0, result.ntuples, _row_type(names)._make)

    async def close(self) -> None:
        self._lose()
        await self._connection.close()

    def _queue(self, statements: Iterable[Statement], values: Mapping[str, Any]) -> list[bytes | None]:
        """Queue everything up to the synchronisation point. For each result to come: the key that it prepares, or None.

        A further result comes only where the commit is refused.
        """
        preparing: list[bytes | None] = []
        for statement in statements:
            if statement.key not in self._prepared:
                self._pgconn.send_prepare(statement.key, statement.numbered)
                preparing.append(statement.key)
            given = [values[name] for name in statement.names]
            self._pgconn.send_query_prepared(statement.key, self._adapter.dump_sequence(given, statement.formats))
            preparing.append(None)
        self._pgconn.pipeline_sync()
        return preparing

    async def _flush(self) -> None:
        """Hand to the socket what it did not take at once; answers are read meanwhile, or both sides would wait."""
        while self._pgconn.flush():
            writable = self._loop.create_future()
            self._loop.add_writer(self._socket, _settle, writable)
            try:
                await writable
            finally:
                self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        try:
            self._pgconn.consume_input()
            while self._answer is not None and not self._answer.done() and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is None:  # the end of one statement's results
                    continue
                if result.status == ExecStatus.PIPELINE_SYNC:
                    self._answer.set_result(self._results)
                else:
                    self._results.append(result)
        except psycopg.Error as error:
            self._lose()
            if self._answer is not None and not self._answer.done():
                self._answer.set_exception(self._last_word() or error)

    def _last_word(self) -> psycopg.Error | None:
        """What the server said before it closed the connection."""
        said = [result for result in self._results if result.status == ExecStatus.FATAL_ERROR]
        return error_from_result(said[-1]) if said else None

    def _lose(self) -> None:
        if not self.is_lost:
            self.is_lost = True
            self._loop.remove_reader(self._socket)


@lru_cache(maxsize=512)
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
