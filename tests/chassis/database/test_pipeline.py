"""The statements of one pipeline are one transaction: committed before it answers, or not written at all."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, UniqueConstraint

from chassis.database.pipeline import PipelineConnection, Statement

LARGE = 8 * 1024 * 1024  # more than a socket takes at once

tables = MetaData()
Table(
    "note",
    tables,
    Column("id", BigInteger, primary_key=True),
    Column("words", Text, nullable=False),
    Column("mark", BigInteger),
    UniqueConstraint("mark", deferrable=True, initially="DEFERRED"),
)

KEEP = Statement("INSERT INTO note (id, words) VALUES (%(id)s, %(words)s) RETURNING words")
MARK = Statement("INSERT INTO note (id, words, mark) VALUES (%(id)s, '', 7)")
BIND = Statement("SELECT set_config('app.area_lo', %(lo)s, true)")
BOUND = Statement("SELECT current_setting('app.area_lo', true)")
SLEEP = Statement("SELECT pg_sleep(%(seconds)s)")
WHO = Statement("SELECT pg_backend_pid()")


@pytest.fixture
def database(make_database):
    return make_database(tables)


@pytest.fixture
async def connection(database):
    made = await PipelineConnection.connect(database.app_url, options="", timeout_seconds=5)
    yield made
    await made.close()


async def kept(database) -> list[int]:
    async with await psycopg.AsyncConnection.connect(database.app_url) as other:
        return [row[0] for row in await (await other.execute("SELECT id FROM note ORDER BY id")).fetchall()]


def test_a_statement_numbers_its_parameters_by_name():
    statement = Statement("SELECT %(b)s, %(a)s, %(b)s::text")
    assert (statement.names, statement.numbered) == (("b", "a"), b"SELECT $1, $2, $1::text")


async def test_what_was_answered_is_committed(database, connection):
    result = await connection.transact((KEEP,), {"id": 1, "words": "一"})
    assert result.get_value(0, 0).decode() == "一"
    assert await kept(database) == [1]


async def test_a_setting_reaches_the_next_statement_and_no_further_transaction(connection):
    bound = await connection.transact((BIND, BOUND), {"lo": 610999000000})
    assert bound.get_value(0, 0) == b"610999000000"
    assert (await connection.transact((BOUND,), {})).get_value(0, 0) == b""


async def test_small_and_large_numbers_are_one_statement(database, connection):
    numbers = [1, 40_000, 3_000_000_000, 610999101203000]
    for number in numbers:
        await connection.transact((KEEP,), {"id": number, "words": "x"})
    assert await kept(database) == numbers


async def test_a_refused_statement_takes_its_transaction_back_and_the_connection_serves_on(database, connection):
    other = Statement("INSERT INTO note (id, words) VALUES (%(other)s, 'other')")
    await connection.transact((KEEP,), {"id": 1, "words": "x"})
    for _ in range(2):
        with pytest.raises(psycopg.errors.UniqueViolation):
            await connection.transact((other, KEEP), {"other": 2, "id": 1, "words": "x"})
    await connection.transact((KEEP,), {"id": 3, "words": "x"})
    assert (await kept(database), connection.is_lost) == ([1, 3], False)


async def test_a_refusal_at_the_commit_is_raised_and_the_connection_serves_on(database, connection):
    await connection.transact((MARK,), {"id": 1})
    with pytest.raises(psycopg.errors.UniqueViolation):
        await connection.transact((MARK,), {"id": 2})
    await connection.transact((KEEP,), {"id": 3, "words": "x"})
    assert await kept(database) == [1, 3]


async def test_a_statement_that_cannot_be_prepared_is_tried_anew(connection):
    wrong = Statement("SELECT nothing FROM nowhere WHERE id = %(id)s")
    for _ in range(2):
        with pytest.raises(psycopg.errors.UndefinedTable):
            await connection.transact((wrong,), {"id": 1})


async def test_a_value_larger_than_the_socket_takes_at_once_arrives_whole(connection):
    words = "长" * (LARGE // 3)
    result = await connection.transact((KEEP,), {"id": 1, "words": words})
    assert result.get_value(0, 0) == words.encode()


async def test_a_cancelled_transaction_gives_its_answer_to_nobody_else(connection):
    sleeping = asyncio.create_task(connection.transact((SLEEP,), {"seconds": 5}))
    await asyncio.sleep(0.1)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert connection.is_lost


async def test_what_the_server_says_before_it_goes_is_raised(database, connection):
    pid = int((await connection.transact((WHO,), {})).get_value(0, 0))
    sleeping = asyncio.create_task(connection.transact((SLEEP,), {"seconds": 5}))
    await asyncio.sleep(0.1)
    async with await psycopg.AsyncConnection.connect(database.app_url) as other:
        await other.execute("SELECT pg_terminate_backend(%s)", [pid])
    with pytest.raises(psycopg.errors.AdminShutdown):
        await sleeping
    assert connection.is_lost
