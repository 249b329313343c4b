"""Rows in COPY's binary form arrive in the database as what they were made of."""

from __future__ import annotations

import json
from datetime import date

import psycopg
import pytest

from chassis.database.copying import (
    FLAGS,
    NULL,
    Fields,
    day,
    field,
    int16,
    int32,
    int64,
    jsonb,
    optional,
    stream,
    text,
    text_array,
)
from chassis.identifiers import new_id

COLUMNS = "a smallint, b int, c bigint, d text, e bytea, f boolean, g date, h text[], i jsonb, j uuid"
WIDTH = (10).to_bytes(2, "big")


def arrived(postgres_url, *rows):
    with psycopg.connect(postgres_url) as connection:
        connection.execute(f"CREATE TEMPORARY TABLE given ({COLUMNS})")
        with connection.cursor().copy("COPY given FROM STDIN (FORMAT binary)") as copy:
            copy.write(stream([b"".join((WIDTH, *row)) for row in rows]))
        return connection.execute("SELECT * FROM given").fetchall()


def test_every_kind_of_value_arrives_as_it_was_given(postgres_url):
    thing = new_id()
    document = {"name": "王小明", "members": [1, None]}
    row = (
        int16(-7),
        int32(2_000_000_000),
        int64(610_999_101_203),
        text("云岭县\t\\N\n"),
        field(b"\0\xff\\x"),
        FLAGS[True],
        day("1949-10-01"),
        text_array(["chronic", "残疾"]),
        jsonb(json.dumps(document).encode()),
        field(thing.bytes),
    )
    assert arrived(postgres_url, row) == [
        (
            *(-7, 2_000_000_000, 610_999_101_203, "云岭县\t\\N\n", b"\0\xff\\x", True, date(1949, 10, 1)),
            *(["chronic", "残疾"], document, thing),
        )
    ]


def test_nothing_arrives_as_null_and_an_empty_list_as_empty(postgres_url):
    nulls = (int16(None), int32(None), int64(None), text(None), optional(None), FLAGS[None], day(None))
    assert arrived(postgres_url, (*nulls, text_array([]), NULL, NULL)) == [(*(None,) * 7, [], None, None)]


@pytest.mark.parametrize("size", [0, 1023, 1024, 70_000])
def test_a_value_of_any_length_arrives_whole(postgres_url, size):
    row = (*(NULL,) * 3, text("长" * size), field(b"\1" * size), *(NULL,) * 5)
    assert arrived(postgres_url, row)[0][3:5] == ("长" * size, b"\1" * size)


def test_several_rows_arrive_in_their_order(postgres_url):
    rows = [(int16(number), *(NULL,) * 9) for number in range(3)]
    assert [row[0] for row in arrived(postgres_url, *rows)] == [0, 1, 2]
    assert stream([]) == b""


def test_fields_of_values_that_come_again_are_made_once():
    made = []
    fields = Fields(lambda value: made.append(value) or text(value))
    assert [fields["1"], fields["1"], fields[None]] == [text("1"), text("1"), NULL]
    assert made == ["1", None]
