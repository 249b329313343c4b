"""Hold what a program needs to keep and find personal values: one door to encryption, indexes, digests and cursors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from chassis.security.blind_index import BlindIndex
from chassis.security.cursors import CursorSigner
from chassis.security.digests import Digester
from chassis.security.encryption import Encryptor
from chassis.security.keys import KeyRing


@dataclass(frozen=True)
class Vault:
    """Made once from the key ring; shared by every unit of work."""

    ring: KeyRing
    encryptor: Encryptor
    digests: Digester
    cursors: CursorSigner
    identity_numbers: BlindIndex
    phones: BlindIndex

    @classmethod
    def of(cls, ring: KeyRing) -> Self:
        return cls(
            ring=ring,
            encryptor=Encryptor(ring),
            digests=Digester(ring),
            cursors=CursorSigner(ring),
            identity_numbers=BlindIndex(ring, kind="identity_number"),
            phones=BlindIndex(ring, kind="phone"),
        )
