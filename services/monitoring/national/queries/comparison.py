"""Hold the latest export against the registry as it is now, in one statement for households and one for persons.

A household is the same by its number, else by the most members in common. A person is the same by an ID number that
they bear or bore, else by the national number, else by the name within the same household. Everything is joined as
sets: the export's rows of one county with the county's own.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, ColumnElement, Select, Text, Uuid, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from chassis.security.scope import Area
from services.monitoring.national.contract import RISK_COLUMNS
from services.monitoring.national.schemas import Coverage, DifferenceKind

_SIDES: Final = """
there AS MATERIALIZED (
    SELECT * FROM national_household WHERE export_id = :export AND region BETWEEN :lo AND :hi
), there_person AS MATERIALIZED (
    SELECT *, replace(replace(name, ' ', ''), '.', '·') AS spelt FROM national_person
    WHERE export_id = :export AND region BETWEEN :lo AND :hi
), here AS MATERIALIZED (
    SELECT id, region, national_no COLLATE "C" AS national_no, is_lifted, monitoring_type, risks, registered_on,
           eliminated_on, member_count
    FROM household WHERE region BETWEEN :lo AND :hi AND state = 'active'
), here_person AS MATERIALIZED (
    SELECT id, household_id, region, national_no, name, replace(replace(name, ' ', ''), '.', '·') AS spelt,
           birth_date, identity_number IS NOT NULL AS is_numbered
    FROM person WHERE region BETWEEN :lo AND :hi AND state = 'active'
), by_index AS MATERIALIZED (
    SELECT DISTINCT ON (t.id) t.id AS there_id, p.id AS here_id, n.kind = 'current' AS is_current
    FROM there_person AS t CROSS JOIN LATERAL unnest(t.identity_indexes) AS i(blind_index)
    JOIN person_number AS n ON n.blind_index = i.blind_index JOIN here_person AS p ON p.id = n.person_id
    ORDER BY t.id, n.kind <> 'current'
), by_number AS (
    SELECT DISTINCT ON (t.id) t.id AS there_id, p.id AS here_id, false AS is_current
    FROM there_person AS t JOIN here_person AS p ON p.national_no = t.national_no
    WHERE NOT EXISTS (SELECT FROM by_index WHERE there_id = t.id)
      AND NOT EXISTS (SELECT FROM by_index WHERE here_id = p.id)
    ORDER BY t.id, p.id
), known AS MATERIALIZED (
    SELECT * FROM by_index UNION ALL SELECT * FROM by_number
), by_house_no AS MATERIALIZED (
    SELECT t.national_no, h.id AS here_id FROM there AS t JOIN here AS h ON h.national_no = t.national_no
), met AS (
    SELECT t.household_no, p.household_id, count(*) AS members
    FROM known JOIN there_person AS t ON t.id = known.there_id JOIN here_person AS p ON p.id = known.here_id
    WHERE NOT EXISTS (SELECT FROM by_house_no WHERE national_no = t.household_no)
      AND NOT EXISTS (SELECT FROM by_house_no WHERE here_id = p.household_id)
    GROUP BY 1, 2
), best AS (
    SELECT DISTINCT ON (household_id) * FROM met ORDER BY household_id, members DESC, household_no
), house AS MATERIALIZED (
    SELECT * FROM by_house_no
    UNION ALL
    (SELECT DISTINCT ON (household_no) household_no, household_id FROM best
     ORDER BY household_no, members DESC, household_id)
), expected AS (
    SELECT * FROM here WHERE CASE CAST(:covers AS text)
        WHEN 'lifted' THEN is_lifted
        WHEN 'monitored' THEN monitoring_type IS NOT NULL
        ELSE is_lifted OR monitoring_type IS NOT NULL OR national_no IS NOT NULL END
)
"""
_FACTS: Final = """
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_object('fact', fact, 'there', there, 'here', here) ORDER BY place) AS facts
        FROM (VALUES {facts}) AS f(place, fact, there, here, differs) WHERE differs
    ) AS f WHERE f.facts IS NOT NULL
"""


def _facts(*facts: tuple[str, str, str, str]) -> str:
    """``(name, there, here, when they differ)`` as rows of text."""
    rows = (
        f"({place}, '{name}', CAST({there} AS text), CAST({here} AS text), {differs})"
        for place, (name, there, here, differs) in enumerate(facts)
    )
    return _FACTS.format(facts=", ".join(rows))


def _fact(name: str, there: str, here: str, said: str = "true") -> tuple[str, str, str, str]:
    return name, there, here, f"{said} AND {there} IS DISTINCT FROM {here}"


# A refused household's monitoring may be what could not be read: then nothing is said of it.
_MONITORED: Final = "(t.is_taken OR t.monitoring_type IS NOT NULL) AND CAST(:says_{name} AS boolean)"
_HOUSEHOLD_FACTS: Final = _facts(
    _fact("national_no", "t.national_no", "h.national_no"),
    _fact("region", "t.region", "h.region", "t.region <> :county"),
    _fact("is_lifted", "t.is_lifted", "h.is_lifted", "t.is_lifted IS NOT NULL"),
    *(
        _fact(name, f"t.{name}", f"h.{name}", _MONITORED.format(name=name))
        for name in ("monitoring_type", "registered_on", "eliminated_on")
    ),
    _fact(
        "risks",
        "nullif(array_to_string(t.risks, '、'), '')",
        "nullif(array_to_string(h.risks, '、'), '')",
        _MONITORED.format(name="risks"),
    ),
)
_NO_FACTS: Final = "CAST('[]' AS jsonb) AS facts"
_HOUSEHOLDS: Final = f"""
WITH {_SIDES}, there_members AS (
    SELECT household_no, count(*) AS members FROM there_person GROUP BY 1
)
SELECT 'there_only' AS kind, t.national_no COLLATE "C" AS key, t.national_no, CAST(NULL AS uuid) AS household_id,
       nullif(t.region, :county) AS region_there, CAST(NULL AS bigint) AS region_here, m.members AS members_there,
       CAST(NULL AS bigint) AS members_here, NOT t.is_taken AS was_refused, {_NO_FACTS}
FROM there AS t LEFT JOIN there_members AS m ON m.household_no = t.national_no
WHERE NOT EXISTS (SELECT FROM house WHERE house.national_no = t.national_no)
UNION ALL
SELECT 'here_only', CAST(h.id AS text) COLLATE "C", h.national_no, h.id, NULL, h.region, NULL, h.member_count, false,
       {_NO_FACTS}
FROM expected AS h WHERE NOT EXISTS (SELECT FROM house WHERE house.here_id = h.id)
UNION ALL
SELECT 'differing', t.national_no COLLATE "C", t.national_no, h.id, nullif(t.region, :county), h.region, m.members,
       h.member_count, NOT t.is_taken, f.facts
FROM house JOIN there AS t ON t.national_no = house.national_no JOIN here AS h ON h.id = house.here_id
LEFT JOIN there_members AS m ON m.household_no = t.national_no
{_HOUSEHOLD_FACTS}
"""  # noqa: S608  # constants only
_PERSON_FACTS: Final = _facts(
    ("name", "t.name", "p.name", "t.spelt <> p.spelt"),
    (
        "identity_number",
        "CASE WHEN cardinality(t.identity_indexes) > 0 THEN 'given' END",
        "CASE WHEN p.is_numbered THEN 'given' END",
        "NOT same.is_current AND (cardinality(t.identity_indexes) > 0 OR p.is_numbered)",
    ),
    ("household", "t.household_no", "coalesce(h.national_no, CAST(h.id AS text))", "own.here_id IS DISTINCT FROM h.id"),
)
_PERSONS: Final = f"""
WITH {_SIDES}, by_name AS (
    SELECT DISTINCT ON (here_id) there_id, here_id, false AS is_current FROM (
        SELECT DISTINCT ON (t.id) t.id AS there_id, p.id AS here_id
        FROM there_person AS t JOIN house ON house.national_no = t.household_no
        JOIN here_person AS p ON p.household_id = house.here_id AND p.spelt = t.spelt
        WHERE NOT EXISTS (SELECT FROM known WHERE there_id = t.id)
          AND NOT EXISTS (SELECT FROM known WHERE here_id = p.id)
        ORDER BY t.id, p.birth_date IS DISTINCT FROM t.birth_date, p.id
    ) AS alike ORDER BY here_id, there_id
), same AS MATERIALIZED (
    SELECT * FROM known UNION ALL SELECT * FROM by_name
)
SELECT 'there_only' AS kind, CAST(t.id AS text) COLLATE "C" AS key, t.national_no, CAST(NULL AS uuid) AS person_id,
       t.name, t.household_no, CAST(NULL AS uuid) AS household_id, nullif(t.region, :county) AS region_there,
       CAST(NULL AS bigint) AS region_here, {_NO_FACTS}
FROM there_person AS t WHERE NOT EXISTS (SELECT FROM same WHERE same.there_id = t.id)
UNION ALL
SELECT 'here_only', CAST(p.id AS text) COLLATE "C", p.national_no, p.id, p.name, house.national_no, p.household_id,
       NULL, p.region, {_NO_FACTS}
FROM here_person AS p LEFT JOIN house ON house.here_id = p.household_id
WHERE NOT EXISTS (SELECT FROM same WHERE same.here_id = p.id)
  AND (house.here_id IS NOT NULL OR EXISTS (SELECT FROM expected WHERE expected.id = p.household_id))
UNION ALL
SELECT 'differing', CAST(t.id AS text) COLLATE "C", t.national_no, p.id, p.name, t.household_no, p.household_id,
       nullif(t.region, :county), p.region, f.facts
FROM same JOIN there_person AS t ON t.id = same.there_id JOIN here_person AS p ON p.id = same.here_id
JOIN here AS h ON h.id = p.household_id LEFT JOIN house AS own ON own.national_no = t.household_no
{_PERSON_FACTS}
"""  # noqa: S608  # constants only
_SIZES: Final = f"""
WITH {_SIDES}
SELECT (SELECT count(*) FROM there) AS households_there, (SELECT count(*) FROM there_person) AS persons_there,
       (SELECT count(*) FROM expected) AS households_here,
       (SELECT count(*) FROM here_person AS p WHERE EXISTS (SELECT FROM expected WHERE expected.id = p.household_id))
           AS persons_here
"""  # noqa: S608  # constants only

_HEADS: Final[dict[str, TypeEngine[Any]]] = {
    "kind": Text(),
    "key": Text(),
    "facts": JSONB(),
    "region_there": BigInteger(),
    "region_here": BigInteger(),
}
HOUSEHOLDS: Final = text(_HOUSEHOLDS).columns(
    **_HEADS,
    national_no=Text(),
    household_id=Uuid(),
    members_there=BigInteger(),
    members_here=BigInteger(),
    was_refused=Boolean(),
)
PERSONS: Final = text(_PERSONS).columns(
    **_HEADS, national_no=Text(), person_id=Uuid(), name=Text(), household_no=Text(), household_id=Uuid()
)


SIZES: Final = text(_SIZES)
"""How many households and persons either side has."""


def bound(export: Any) -> dict[str, Any]:
    """What the statements need to know of an export: which rows are whose, and what its file says at all."""
    area, columns = Area.of(export.region), set(export.columns)
    said = {name: name in columns for name in ("monitoring_type", "registered_on", "eliminated_on")}
    said["risks"] = bool(columns & {"risks", *RISK_COLUMNS})
    return {
        "export": export.id,
        "county": export.region,
        "lo": area.lo,
        "hi": area.hi,
        "covers": Coverage(export.covers).value,
        **{f"says_{name}": told for name, told in said.items()},
    }


def differences(source: Any, export: Any, *, kind: DifferenceKind | None, within: Area | None) -> Select[Any]:
    """The differing households or persons of an export.

    :param source: :data:`HOUSEHOLDS` or :data:`PERSONS`. ``within``: only where one side lies there.
    """
    compared = source.bindparams(**used(source, export)).subquery("compared")
    statement = select(compared)
    if kind is not None:
        statement = statement.where(compared.c.kind == kind.value)
    if within is not None:
        there: ColumnElement[bool] = compared.c.region_there.between(within.lo, within.hi)
        statement = statement.where(or_(there, compared.c.region_here.between(within.lo, within.hi)))
    return statement


def used(source: Any, export: Any) -> dict[str, Any]:
    """What one of the statements needs of :func:`bound`."""
    names = set(source.compile().params)
    return {name: value for name, value in bound(export).items() if name in names}
