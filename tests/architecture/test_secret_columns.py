"""No column of bytes is forgotten when keys are replaced: each says what protects it, each sealed one is made anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import ARRAY, Column, LargeBinary, MetaData, Table, Uuid

from chassis.keys.columns import indexed_columns, sealed_tables, tables_of
from chassis.keys.resealing import steps_of
from chassis.security.columns import Indexed, Keyed, Sealed
from deploy.embedded.installation import PROGRAMS


def undeclared(own: MetaData) -> Iterator[str]:
    """Columns of bytes that say of no key what protects them."""
    for table in tables_of(own):
        for column in table.columns:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, LargeBinary) and not isinstance(kind, Sealed | Indexed | Keyed):
                yield f"{table.name}.{column.name}"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_column_of_bytes_says_what_protects_it(program):
    assert list(undeclared(program.tables)) == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_every_sealed_column_is_made_anew(program):
    made = {field for step in steps_of(program.tables, None) for field in step.fields}
    for sealed in sealed_tables(program.tables):
        assert {f"{sealed.table.name}.{column.name}" for column in sealed.columns} <= made


def test_a_planted_column_that_says_nothing_is_found():
    own = MetaData()
    Table("well", own, Column("id", Uuid, primary_key=True), Column("owner", LargeBinary), Column("depth", Sealed()))
    assert list(undeclared(own)) == ["well.owner"]
    assert "well.depth" in {field for step in steps_of(own, None) for field in step.fields}


def test_what_is_made_anew_for_an_index_exists():
    for program in PROGRAMS:
        for indexed in indexed_columns(program.tables):
            kind = indexed.column.type
            if isinstance(kind, Indexed) and kind.remade is not None:
                table = indexed.column.table
                assert [column.name for column in table.primary_key] == [indexed.column.name]
                assert kind.remade.owner in table.c
                for source, column in kind.remade.sources:
                    assert isinstance(table.metadata.tables[source].c[column].type, Sealed)
