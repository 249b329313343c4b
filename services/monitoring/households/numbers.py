"""Seal, open and index the numbers of persons; who holds one: :mod:`services.monitoring.households.owners`."""

from __future__ import annotations

import base64
from typing import Final
from uuid import UUID

from chassis.identity_numbers import DisabilityNumber, IdentityNumber, Phone
from chassis.security.vault import Vault

PERSON: Final = "person"
HOUSEHOLD: Final = "household"
RECEIVERS: Final = ("assets", "employment", "funds")
"""Services that get a blind index of their own with each person's event."""


def seal(
    vault: Vault,
    number: IdentityNumber | DisabilityNumber | Phone | None,
    *,
    column: str,
    row: UUID,
    table: str = PERSON,
) -> bytes | None:
    """The ciphertext of a number, bound to its place."""
    return None if number is None else vault.encryptor.seal(number.value, table=table, column=column, row=row)


def open_sealed(vault: Vault, sealed: bytes | None, *, column: str, row: UUID, table: str = PERSON) -> str | None:
    """The number behind a ciphertext, for masking or for an audited reveal."""
    return None if sealed is None else vault.encryptor.open(bytes(sealed), table=table, column=column, row=row)


def indexes_for_receivers(vault: Vault, number: IdentityNumber | None) -> dict[str, str]:
    """Blind indexes of the number by receiving service, in base64."""
    if number is None:
        return {}
    return {
        name: base64.b64encode(vault.identity_numbers.for_service(name).of(number.value)).decode() for name in RECEIVERS
    }
