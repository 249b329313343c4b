"""Find who helps each household, and the telephone of a helper who is an officer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.security.scope import Area
from services.monitoring.helpers.queries.listing import HELPER, PAIRING, holds_on
from services.monitoring.staff.tables import Officer, Post

_OFFICER: Final = rows(Officer)
_POST: Final = rows(Post)


@dataclass(frozen=True, slots=True)
class HelperKnown:
    """Who helps a household; what is not on record is empty and left to be written by hand."""

    name: str = ""
    phone: str = ""


async def helpers_of(
    unit: UnitOfWork, households: Sequence[Any], of_cases: Mapping[UUID, str | None]
) -> dict[UUID, HelperKnown]:
    """The helper of each household today: the main one that it is paired with, else the one whom its case names.

    :param of_cases: the name that the latest case gives, by household.
    """
    paired = await _paired(unit, [row.id for row in households])
    named = {(row.region, of_cases.get(row.id)) for row in households if row.id not in paired}
    phones = await _phones_by_name(unit, {(village, name) for village, name in named if name})
    found = {}
    for row in households:
        name = of_cases.get(row.id) or ""
        found[row.id] = paired.get(row.id) or HelperKnown(name, phones.get((row.region, name), ""))
    return found


async def _paired(unit: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, HelperKnown]:
    statement = (
        select(PAIRING.c.household_id, HELPER.c.name, _OFFICER.c.id.label("officer_id"), _OFFICER.c.contact_phone)
        .join(HELPER, HELPER.c.id == PAIRING.c.helper_id)
        .outerjoin(_OFFICER, _OFFICER.c.id == HELPER.c.officer_id)
        .where(
            PAIRING.c.household_id.in_(ids),
            PAIRING.c.region.between(unit.area.lo, unit.area.hi),
            PAIRING.c.state == "active",
            PAIRING.c.is_main,
            holds_on(unit.clock.today()),
        )
    )
    found = await unit.connection.execute(statement)
    return {row.household_id: HelperKnown(row.name, _phone(unit, row.officer_id, row.contact_phone)) for row in found}


async def _phones_by_name(unit: UnitOfWork, helpers: set[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """The telephone by village and name, where just one officer at work there bears that name."""
    if not helpers:
        return {}
    today = unit.clock.today()
    statement = (
        select(_OFFICER.c.id, _OFFICER.c.name, _OFFICER.c.contact_phone, _POST.c.region)
        .join(_POST, _POST.c.officer_id == _OFFICER.c.id)
        .where(
            _OFFICER.c.name.in_({name for _village, name in helpers}),
            _POST.c.region.between(unit.area.lo, unit.area.hi),
            _POST.c.starts_on <= today,
            or_(_POST.c.ends_on.is_(None), _POST.c.ends_on >= today),
            _POST.c.cancelled.is_(False),
        )
    )
    found: dict[tuple[int, str], dict[UUID, Any]] = {}
    for row in await unit.connection.execute(statement):
        for village, name in helpers:
            if name == row.name and Area.of(row.region).contains(village):
                found.setdefault((village, name), {})[row.id] = row.contact_phone
    return {
        at: _phone(unit, officer, sealed)
        for at, officers in found.items()
        if len(officers) == 1
        for officer, sealed in officers.items()
    }


def _phone(unit: UnitOfWork, officer: UUID | None, sealed: bytes | None) -> str:
    if officer is None or sealed is None:
        return ""
    return unit.vault.encryptor.open(bytes(sealed), table="officer", column="contact_phone", row=officer)
