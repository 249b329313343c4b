"""The projection of the registry: divisions, households, persons, and the blind indexes that find a person by number.

Nothing refers to these rows by a foreign key: a person's event may come before that of their household or later, and a
rebuild empties the tables first.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Date, Index, MetaData, SmallInteger, Table, Text, Uuid

from chassis.database.metadata import NAMING
from chassis.security.columns import Indexed

people: Final = MetaData(naming_convention=NAMING)
"""The tables of the projection; :func:`include_people` puts them among a service's own."""

known_region = Table(
    "known_region",
    people,
    Column("code", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("parent", BigInteger),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("successor", BigInteger),
    Column("version", BigInteger, nullable=False),
    Index(None, "parent", "code"),
)
"""区划: each division as it was last told. Reference data: no policy hides a row."""

known_household = Table(
    "known_household",
    people,
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("registration_region", BigInteger, nullable=False),
    Column("is_lifted", Boolean, nullable=False),
    Column("monitoring_type", Text),
    Column("member_count", SmallInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("successor_id", Uuid),
    Column("version", BigInteger, nullable=False),
    Index(None, "region", "id"),
)
"""户: each household as it was last told; ``successor_id`` names the one that it was merged into."""

known_person = Table(
    "known_person",
    people,
    Column("id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Column("household_id", Uuid, nullable=False),
    Column("birth_date", Date, nullable=False),
    Column("sex", Text, nullable=False),
    Column("labour_skill", Text),
    Column("is_lifted", Boolean, nullable=False),
    Column("monitoring_type", Text),
    Column("state", Text, nullable=False),
    Column("died_on", Date),
    Column("version", BigInteger, nullable=False),
    Index(None, "region", "id"),
    Index(None, "household_id"),
)
"""人: each person as they were last told. ``is_lifted`` and ``monitoring_type`` are the household's of that moment: a
change of the household alone tells no person anew, so queries take the household's own where it is known."""

known_number = Table(
    "known_number",
    people,
    Column("blind_index", Indexed(), primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("region", BigInteger, nullable=False),
    Index(None, "person_id"),
)
"""Blind indexes of ID numbers under the keys made for this service, several of one person while keys are replaced. Two
persons may share one for a moment: a number that was given up and one that was taken up are told apart."""


def include_people(metadata: MetaData) -> None:
    """Put the projection's tables among those of a service that keeps it."""
    for table in people.sorted_tables:
        table.to_metadata(metadata)
