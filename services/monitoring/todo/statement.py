"""Put the one statement of a to-do list together: the sources that a level sees, each cut to a page along its index."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from chassis.database.pipeline import Statement
from services.monitoring.codes.cases import Holder
from services.monitoring.todo.schemas import MORE
from services.monitoring.todo.sources import SOURCES, Source

LEVELS: Final = ("village", "town", "county", "city", "province")
_RANKS: Final = {level: place for place, level in enumerate(LEVELS)}
_PAIRED: Final = """
    EXISTS (
        SELECT FROM pairing AS p JOIN helper AS h ON h.id = p.helper_id JOIN officer AS o ON o.id = h.officer_id
        WHERE p.household_id = {0} AND p.state = 'active' AND p.starts_on <= :today
          AND coalesce(p.ends_on, 'infinity') >= :today AND o.subject = ANY(CAST(:subjects AS text[]))
    )
"""


def sees(level: str, source: Source) -> bool:
    """Whether anything of a source can wait for a level: what it holds itself, or what a level below lets lie."""
    if level == Holder.DEPARTMENT.value or source.holders == {Holder.DEPARTMENT}:
        return level == Holder.DEPARTMENT.value and source.holders == {Holder.DEPARTMENT}
    return any(_RANKS[holder.value] <= _RANKS[level] for holder in source.holders)


def _is_own(level: str, source: Source) -> bool:
    return level in {holder.value for holder in source.holders}


def _may_be_late(level: str, source: Source) -> bool:
    """Whether a level below may hold what this level is told of once it is late."""
    return level != Holder.DEPARTMENT.value and any(_RANKS[holder.value] < _RANKS[level] for holder in source.holders)


def _conditions(place: int, source: Source, level: str, *, mine: bool, one: bool) -> str:
    """Which rows of a source a level sees: its own, those of levels below that are late, all after the position."""
    # An equality lets the index give the order too; a range of divisions is read whole and cut.
    found = [f"{source.region} = :lo" if one else f"{source.region} BETWEEN :lo AND :hi"]
    if source.by_county and level == Holder.COUNTY.value:
        found.append(f"{source.region} / 1000000 = CAST(:lo AS bigint) / 1000000")
    late = f"{source.key} <= CAST(:late_{place} AS date)"
    if level in LEVELS[3:]:  # several counties, each with its own measure of late
        county = f"CAST({source.region} / 1000000 AS text)"
        late += f" AND {source.key} <= CAST(CAST(:by_county_{place} AS jsonb) ->> {county} AS date)"
    own = f"{source.key} <= CAST(:until AS date)" if source.looks_ahead else "true"
    varies = not source.held.startswith("'")
    if not _is_own(level, source):
        found.append(late)
    elif not _may_be_late(level, source) and not varies:
        found.append(own)
    elif not _may_be_late(level, source):
        found.append(f"({source.held}) = :level AND {own}")
    else:
        below = ", ".join(f"'{one}'" for one in LEVELS[: _RANKS[level]])
        found.append(f"(({source.held}) = :level AND {own} OR ({source.held}) IN ({below}) AND {late})")
    if mine:
        found.append("false" if source.household is None else _PAIRED.format(source.household))
    return " AND ".join(found)


def _branch(place: int, source: Source, level: str, *, mine: bool, one: bool) -> str:
    due = source.key if source.days is None else f"{source.key} + CAST(:days_{place} AS integer)"
    return f"""
        (SELECT {place} AS place, {source.kind} AS kind, {source.id} AS subject_id,
                {source.household or "CAST(NULL AS uuid)"} AS household_id, {source.region} AS region,
                {due} AS due_on, {source.since} AS since, {source.held} AS holder
         FROM {source.rows} AND {_conditions(place, source, level, mine=mine, one=one)}
           AND ({source.key}, {source.id}) > (CAST(:after_{place} AS date), CAST(:after_id_{place} AS uuid))
         ORDER BY {source.key}, {source.id} LIMIT :most)"""  # noqa: S608  # sources are constants; values are bound


@lru_cache(maxsize=64)
def page_sql(level: str, *, mine: bool, one: bool) -> Statement:
    """One page of what waits for a level, with the heads of the households on it.

    :param one: the area is one village, so that indexes give the order too.

    The names are looked up for the page alone; a department's clerk, who searches by purpose, gets none.
    """
    branches = "\n        UNION ALL".join(
        _branch(place, source, level, mine=mine, one=one) for place, source in enumerate(SOURCES) if sees(level, source)
    )
    looked_up = " ".join(
        f"WHEN {place} THEN ({source.page_since})" for place, source in enumerate(SOURCES) if source.page_since
    )
    head = """(SELECT name FROM person
               WHERE household_id = todo.household_id AND relation = :head AND state = 'active' LIMIT 1)"""
    name = "CAST(NULL AS text)" if level == Holder.DEPARTMENT.value else head
    return Statement.of(f"""
    SELECT todo.*, coalesce(CASE todo.place {looked_up} END, todo.since) AS waits_since, {name} AS head_name
    FROM ({branches}
        ORDER BY due_on, place, subject_id LIMIT :most
    ) AS todo ORDER BY due_on, place, subject_id""")  # noqa: S608


@lru_cache(maxsize=64)
def counts_sql(level: str, *, mine: bool, one: bool) -> Statement:
    """How many of each kind wait for a level: cases all at once, of every other source one more than is shown."""
    parts = []
    for place, source in enumerate(SOURCES):
        if not sees(level, source):
            continue
        conditions = _conditions(place, source, level, mine=mine, one=one)
        found = f"SELECT {source.kind} AS kind FROM {source.rows} AND {conditions}"  # noqa: S608
        if source.kind.strip().startswith("'"):
            found += f" LIMIT {MORE + 1}"
        parts.append(f"SELECT {place} AS place, kind, count(*) AS waiting FROM ({found}) AS found GROUP BY kind")  # noqa: S608
    return Statement.of(f"{' UNION ALL '.join(parts)} ORDER BY place, kind")
