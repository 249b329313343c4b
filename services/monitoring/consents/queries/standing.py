"""Which consents count for a household on a day, and whom an inquiry may therefore be about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from services.monitoring.codes.evidence import ConsentKind, ConsentPurpose
from services.monitoring.consents.tables import Consent

CONSENT: Final = rows(Consent)


async def consents_of(unit: UnitOfWork, household_id: UUID, on: date) -> Sequence[Any]:
    """The rows of the consents that count for a household on a day, the newest first.

    An expired or withdrawn one is not among them, nor is anything outside the unit's area.
    """
    statement = (
        select(CONSENT)
        .where(CONSENT.c.household_id == household_id, in_area(unit), counts_on(on))
        .order_by(CONSENT.c.signed_on.desc(), CONSENT.c.id.desc())
    )
    return (await unit.connection.execute(statement)).all()


async def authorised(unit: UnitOfWork, household_id: UUID, purpose: ConsentPurpose, on: date) -> frozenset[UUID]:
    """The persons whom a valid authorisation of the household covers for ``purpose`` on a day; empty if there is none.

    A commitment authorises nothing.
    """
    return frozenset(
        person
        for row in await consents_of(unit, household_id, on)
        if row.kind == ConsentKind.AUTHORISATION.value and purpose.value in row.purposes
        for person in row.covers
    )


def counts_on(on: date) -> ColumnElement[bool]:
    """:func:`~services.monitoring.consents.rules.counts` in the database's words."""
    return and_(
        CONSENT.c.signed_on <= on,
        CONSENT.c.expires_on >= on,
        or_(CONSENT.c.withdrawn_on.is_(None), CONSENT.c.withdrawn_on > on),
    )


def in_area(unit: UnitOfWork) -> ColumnElement[bool]:
    """State the range in the query itself; the policy is the backstop."""
    return CONSENT.c.region.between(unit.area.lo, unit.area.hi)
