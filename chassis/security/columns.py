"""Say of each column of secret bytes what keeps it so, so that a rotation of keys finds every one.

A table declares its columns with these types; :mod:`chassis.keys` reads them off the metadata. A test refuses a column
of bytes that is of none of them, so that a new noun is not forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, Text


@dataclass(frozen=True, slots=True)
class Remade:
    """How an index is made anew: from the value that it stands for, which lies encrypted beside it.

    :param kind: the kind of value, as :class:`~chassis.security.blind_index.BlindIndex` takes it.
    :param owner: the index's column that names the row that bears the value.
    :param sources: tables and their sealed columns where the owner's value, or an older one of his, lies.
    """

    kind: str
    owner: str
    sources: tuple[tuple[str, str], ...]


class Sealed(LargeBinary):
    """A value encrypted by :class:`~chassis.security.encryption.Encryptor`, bound to the place that this names.

    :param table: the table in whose name it was sealed; by default the one that it lies in.
    :param row: the column of the row's id, or what makes that id of the row's primary key.
    """

    def __init__(self, *, table: str | None = None, row: str | Callable[[Mapping[str, Any]], UUID] = "id") -> None:
        super().__init__()
        self.table = table
        self.row = row

    def row_of(self, values: Mapping[str, Any]) -> UUID:
        """The id that a row's value is bound to."""
        found: UUID = values[self.row] if isinstance(self.row, str) else self.row(values)
        return found


class Indexed(LargeBinary):
    """A blind index, or a digest made like one: looked for under every live index key, made with the current one.

    :param remade: how a rotation makes it anew; None if the value is kept nowhere, and then an old index key stays
        in the ring as long as a row names it.
    """

    def __init__(self, *, remade: Remade | None = None) -> None:
        super().__init__()
        self.remade = remade


class IndexedText(Text):
    """The same in hexadecimal."""


class Keyed(LargeBinary):
    """Bytes under a key that names itself elsewhere and stays for good: the seals of the audit chain."""
