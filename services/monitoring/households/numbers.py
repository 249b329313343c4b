"""Seal, open and index the numbers of persons; who holds one: :mod:`services.monitoring.households.owners`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class ReceiverIndexes:
    """Blind indexes of one number by receiving service, in base64.

    :param current: under the current key; ``others``: under each other live key, while keys are being replaced.
    """

    current: Mapping[str, str]
    others: Mapping[str, list[str]]


def indexes_for_receivers(vault: Vault, number: IdentityNumber | None) -> ReceiverIndexes:
    """What each receiving service finds the number by; nothing without a number."""
    if number is None:
        return ReceiverIndexes({}, {})
    told = {
        name: [
            base64.b64encode(index).decode()
            for index in vault.identity_numbers.for_service(name).candidates(number.value)
        ]
        for name in RECEIVERS
    }
    return ReceiverIndexes(
        {name: indexes[0] for name, indexes in told.items()},
        {name: indexes[1:] for name, indexes in told.items() if len(indexes) > 1},
    )
