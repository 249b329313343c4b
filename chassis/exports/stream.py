"""Stream the rows of a statement out of one snapshot, over connections that no ordinary request waits for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

from sqlalchemy import Select
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncResult
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from chassis.database.engine import Database
from chassis.errors import Message, Unavailable
from chassis.exports.columns import ExportColumn
from chassis.exports.encoder import Row
from chassis.exports.encoders import MEDIA_TYPES, ExportFormat, encoder
from chassis.program import Program
from chassis.security.scope import Area

BATCH_ROWS: Final = 5_000
BUSY_SECONDS: Final = 30

Transform = Callable[[Sequence[Row]], Sequence[Row]]
"""Makes of a batch of the statement's rows what goes out, such as by opening sealed columns; runs in a thread."""


class ExportsBusy(Unavailable):
    code, status = "exports_busy", 503
    title = Message("正在进行的导出过多，请稍后再试。", "Too many exports are under way; try again later.")


class Exports:
    """The exports of one program; hang it on ``program.extras`` and close it with the program.

    :param at_once: how many may run at a time; a slow reader holds one of these connections, never one of the pool
        that requests share.
    """

    def __init__(self, program: Program, *, at_once: int = 2) -> None:
        url = program.database.engine.url.render_as_string(hide_password=False)
        self._database = Database(url, pool_size=at_once)

    @classmethod
    def of(cls, program: Program) -> Exports:
        """Those that the program was given when it started: ``program.extras[Exports] = Exports(program)``."""
        found: Exports = program.extras[cls]
        return found

    async def respond(
        self,
        statement: Select[Any],
        columns: Sequence[ExportColumn],
        *,
        area: Area,
        form: ExportFormat,
        name: str,
        transform: Transform | None = None,
    ) -> StreamingResponse:
        """Begin to read, and answer with a download called ``name`` (ASCII) plus the format's extension.

        The first rows are read before the answer begins, so that a statement that fails is still a problem answer;
        one that fails later breaks the transfer off, which no client takes for a whole file.

        :param statement: labels its columns as ``columns`` names them; it states the area itself, the transaction is
            bound to it as well.
        :raises ExportsBusy: if as many exports as may run do.
        """
        reading = _Reading(self._database, statement, area)
        await reading.begin()
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.{form.value}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return _Download(reading, columns, form, transform, headers)

    async def close(self) -> None:
        await self._database.close()


class _Reading:
    """A transaction with a server-side cursor, from the first batch to the last."""

    def __init__(self, database: Database, statement: Select[Any], area: Area) -> None:
        self._database = database
        self._statement = statement.execution_options(yield_per=BATCH_ROWS)
        self._area = area
        self._stack = AsyncExitStack()
        self._result: AsyncResult[Any] | None = None
        self._first: Sequence[Any] = ()

    async def begin(self) -> None:
        try:
            connection = await self._stack.enter_async_context(self._database.transaction(self._area))
        except PoolTimeout:
            raise ExportsBusy(retry_after_seconds=BUSY_SECONDS) from None
        try:
            self._result = await connection.stream(self._statement)
            self._first = await self._result.fetchmany(BATCH_ROWS)
        except BaseException:
            await self._stack.aclose()
            raise

    async def batches(self) -> AsyncIterator[Sequence[Row]]:
        assert self._result is not None
        batch, self._first = self._first, ()
        while batch:
            yield [row._mapping for row in batch]  # noqa: SLF001  # SQLAlchemy's public name for it
            batch = await self._result.fetchmany(BATCH_ROWS)

    async def close(self) -> None:
        # Shielded: the reader may have gone, and the connection must still go back to its pool.
        await asyncio.shield(self._stack.aclose())


class _Download(StreamingResponse):
    """Closes the transaction whatever becomes of the transfer, also if it never begins."""

    def __init__(
        self,
        reading: _Reading,
        columns: Sequence[ExportColumn],
        form: ExportFormat,
        transform: Transform | None,
        headers: dict[str, str],
    ) -> None:
        self._reading = reading
        chunks = _encoded(reading, columns, form, transform)
        super().__init__(chunks, headers=headers, media_type=MEDIA_TYPES[form])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._reading.close()


async def _encoded(
    reading: _Reading, columns: Sequence[ExportColumn], form: ExportFormat, transform: Transform | None
) -> AsyncIterator[bytes]:
    file = encoder(form, columns)

    def encode(rows: Sequence[Row]) -> bytes:
        return file.encode(rows if transform is None else transform(rows))

    try:
        async for rows in reading.batches():
            yield await asyncio.to_thread(encode, rows)
        yield file.finish()
    except BaseException:
        file.close()
        raise
