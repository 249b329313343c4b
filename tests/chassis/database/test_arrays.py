"""Arrays of ids and numbers arrive as what they were, however many there are."""

from __future__ import annotations

import psycopg
import pytest

from chassis.database.arrays import array, ids, numbers
from chassis.identifiers import new_id


@pytest.fixture
def connection(make_database):
    with psycopg.connect(make_database().app_url) as connection:
        yield connection


@pytest.mark.parametrize("count", [0, 1, 3, 1_000])
def test_arrays_arrive_as_they_were(connection, count):
    sent = [new_id() for _ in range(count)]
    row = connection.execute(
        "SELECT %s::uuid[], %s::bigint[], %s::bigint[]",
        (ids([str(each).encode() for each in sent]), numbers(range(count)), array([b"%d" % n for n in range(count)])),
    ).fetchone()
    assert row == (sent, list(range(count)), list(range(count)))


def test_what_is_no_id_is_refused(connection):
    with pytest.raises(ValueError, match="non-hexadecimal"):
        ids([b"z" * 36])
    with pytest.raises(psycopg.errors.InvalidBinaryRepresentation):
        connection.execute("SELECT %s::uuid[]", (ids([str(new_id()).encode(), b"ab"]),))
