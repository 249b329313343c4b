"""What persons' events tell the services that follow the registry: their own indexes of each number."""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Final

import orjson

from chassis.identity_numbers import IdentityNumber
from chassis.security.blind_index import INDEX_BYTES
from chassis.security.keys import Purpose
from chassis.security.vault import Vault
from services.monitoring.households.numbers import RECEIVERS, indexes_for_receivers

_NO_INDEXES: Final = '"identity_indexes":{}'
_SIGNS: Final = INDEX_BYTES // 3 * 4


class ToldIndexes:
    """Words the part of persons' events that tells each receiver its blind index of a person's number."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._receivers = [(name, vault.identity_numbers.for_service(name)) for name in RECEIVERS]
        self._replaces_keys = len(vault.ring.keys(Purpose.INDEX)) > 1

    def of_many(self, numbers: Sequence[str | None]) -> list[str]:
        """What the event of each number's person says."""
        form = '"identity_indexes":{' + ",".join(f'"{name}":"%s"' for name, _ in self._receivers) + "}"
        columns = [_base64(index.of_many(numbers)) for _, index in self._receivers]
        current = [_NO_INDEXES if found[0] is None else form % found for found in zip(*columns, strict=True)]
        return [
            f'{one},"other_identity_indexes":{others}'
            for one, others in zip(current, self._others(numbers), strict=True)
        ]

    def _others(self, numbers: Sequence[str | None]) -> Iterable[str]:
        if not self._replaces_keys:
            return repeat("{}", len(numbers))
        held = (None if number is None else IdentityNumber(number) for number in numbers)
        return (orjson.dumps(indexes_for_receivers(self._vault, number).others).decode() for number in held)


def _base64(indexes: Sequence[bytes | None]) -> list[str | None]:
    """Each index in base64. All are of one length, a multiple of three bytes: so they are encoded as one."""
    present = [index for index in indexes if index is not None]
    said = b2a_base64(b"".join(present), newline=False).decode()
    parts = iter([said[at : at + _SIGNS] for at in range(0, len(said), _SIGNS)])
    return [None if index is None else next(parts) for index in indexes]
