"""Open the numbers that a paper shows: masked, or whole where its printing is kept in the audit log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.identity_numbers import DisabilityNumber, IdentityNumber, Phone
from chassis.security.vault import Vault
from services.monitoring.households.numbers import HOUSEHOLD, PERSON, open_sealed


def identity_number(vault: Vault, person: Any, *, whole: bool) -> str:
    """A person's ID number; empty if none is on record."""
    number = open_sealed(vault, person.identity_number, column="identity_number", row=person.id)
    if number is None:
        return ""
    return number if whole else IdentityNumber(number).masked


def disability_number(vault: Vault, person: Any, *, whole: bool) -> str:
    """The number of a person's 残疾人证; empty if none is on record."""
    number = open_sealed(vault, person.disability_number, column="disability_number", row=person.id)
    if number is None:
        return ""
    return number if whole else DisabilityNumber(number).masked


def phone(vault: Vault, sealed: bytes | None, *, row: UUID, whole: bool, of_household: bool = False) -> str:
    """A telephone number; empty if none is on record."""
    place = {"column": "contact_phone", "table": HOUSEHOLD} if of_household else {"column": "phone", "table": PERSON}
    number = open_sealed(vault, sealed, row=row, **place)
    if number is None:
        return ""
    return number if whole else Phone.parse(number).masked
