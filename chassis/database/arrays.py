"""Write many ids and numbers as one parameter, without looking at each for what must be quoted.

The driver does look; for a batch of events that costs more than everything else around its statements. Ids travel as
their bytes, which the server takes as they are; the whole array is written by three operations on one text.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import Final

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_ID_OID: Final = 2950
_IDS_OID: Final = 2951
_HEAD: Final = Struct(">5i")
_ID_LENGTH: Final = b"00000010"
"""Sixteen, as the binary form of an array has it before each id, in hexadecimal."""


class Ids(bytes):
    """An array of ids in PostgreSQL's binary form. Made by :func:`ids`."""


class _IdsDumper(Dumper):
    format = Format.BINARY
    oid = _IDS_OID

    def dump(self, obj: Ids) -> Ids:
        return obj


psycopg.adapters.register_dumper(Ids, _IdsDumper)


def ids(values: Sequence[bytes]) -> Ids:
    """An array of ids, each given as text in its usual form of 36 characters."""
    if not values:
        return Ids(_HEAD.pack(0, 0, _ID_OID, 0, 1)[:12])
    digits = (_ID_LENGTH + _ID_LENGTH.join(values)).decode().replace("-", "")
    return Ids(_HEAD.pack(1, 0, _ID_OID, len(values), 1) + bytes.fromhex(digits))


def array(values: Sequence[bytes]) -> str:
    """An array as PostgreSQL writes it, of whole numbers and wire types as text, none of which needs quotes."""
    return "{" + b",".join(values).decode() + "}"


def numbers(values: Sequence[int]) -> str:
    """An array of whole numbers."""
    return "{" + ",".join(map(str, values)) + "}"
