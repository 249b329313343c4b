"""Read streams out of an OLE2 compound file (MS-CFB), the container of ``.xls``, without believing its pointers."""

from __future__ import annotations

import io
import struct
from array import array
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final, NamedTuple

from chassis.tabular.guard import damaged

_LAST_SECTOR: Final = 0xFFFFFFF9  # values above mark free sectors, ends of chains and the tables' own sectors
_MINI_CUTOFF_BYTES: Final = 4096  # shorter streams lie in the mini stream
_MINI_SECTOR_BYTES: Final = 64
_ENTRY_BYTES: Final = 128
_DIRECTORY_ENTRIES_MAX: Final = 4096


class _Entry(NamedTuple):
    kind: int
    first_sector: int
    size: int


class CompoundFile:
    """A compound file's directory and the streams in it.

    :raises InvalidInput: for a file that is cut off, has circular chains or sectors outside itself.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        header = stream.read(512)
        if len(header) < 512:
            raise damaged()
        shift, mini_shift = struct.unpack_from("<HH", header, 30)
        self._sector_bytes = 1 << shift
        directory, cutoff, mini_table = (struct.unpack_from("<I", header, at)[0] for at in (48, 56, 60))
        if shift not in (9, 12) or mini_shift != 6 or cutoff != _MINI_CUTOFF_BYTES:
            raise damaged()
        self._table = self._sector_table(header)
        self._entries = self._read_directory(directory)
        self._mini_table = array("I", self._chain_bytes(mini_table, None) if mini_table < _LAST_SECTOR else b"")

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, entry in self._entries.items() if entry.kind == 2)

    def read(self, name: str) -> bytes:
        """The bytes of one stream; never more than the file itself has."""
        entry = self._entries.get(name)
        if entry is None or entry.kind != 2:
            raise damaged()
        if entry.size >= _MINI_CUTOFF_BYTES:
            return self._chain_bytes(entry.first_sector, entry.size)
        root = next((entry for entry in self._entries.values() if entry.kind == 5), None)
        if root is None:
            raise damaged()
        container = self._chain_bytes(root.first_sector, root.size) if root.size else b""
        sectors = islice(_follow(self._mini_table, entry.first_sector), -(-entry.size // _MINI_SECTOR_BYTES))
        starts = (number * _MINI_SECTOR_BYTES for number in sectors)
        content = b"".join(container[at : at + _MINI_SECTOR_BYTES] for at in starts)[: entry.size]
        if len(content) < entry.size:
            raise damaged()
        return content

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._sector_bytes
        if number > _LAST_SECTOR or at >= self._size:
            raise damaged()
        self._stream.seek(at)
        return self._stream.read(self._sector_bytes)

    def _sector_table(self, header: bytes) -> array[int]:
        """The FAT: its first 109 sectors are named in the header, more of them in a chain of their own (DIFAT)."""
        named = [sector for sector in struct.unpack_from("<109I", header, 76) if sector < _LAST_SECTOR]
        more = int(struct.unpack_from("<I", header, 68)[0])
        per_sector = self._sector_bytes // 4
        sectors_max = self._size // self._sector_bytes
        visited = 0
        while more < _LAST_SECTOR:
            visited += 1
            if visited > sectors_max:
                raise damaged()
            *listed, more = struct.unpack(f"<{per_sector}I", self._sector(more).ljust(self._sector_bytes, b"\xff"))
            named.extend(sector for sector in listed if sector < _LAST_SECTOR)
        if len(named) > sectors_max:
            raise damaged()
        table = array("I")
        for sector in named:
            table.frombytes(self._sector(sector).ljust(self._sector_bytes, b"\xff"))
        del table[sectors_max:]  # so that no chain can be longer than the file
        return table

    def _chain_bytes(self, first: int, size: int | None) -> bytes:
        content = b"".join(self._sector(number) for number in _follow(self._table, first))
        if size is None:
            return content[: len(content) // 4 * 4]
        if len(content) < size:
            raise damaged()
        return content[:size]

    def _read_directory(self, first: int) -> dict[str, _Entry]:
        content = self._chain_bytes(first, None)
        if len(content) > _DIRECTORY_ENTRIES_MAX * _ENTRY_BYTES:
            raise damaged()
        entries: dict[str, _Entry] = {}
        for at in range(0, len(content) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
            name_bytes, kind = struct.unpack_from("<HB", content, at + 64)
            first_sector, size = struct.unpack_from("<II", content, at + 116)
            if kind in (2, 5) and 2 <= name_bytes <= 64:
                name = content[at : at + name_bytes - 2].decode("utf-16-le", errors="replace")
                entries.setdefault(name, _Entry(kind, first_sector, size))
        return entries


def _follow(table: array[int], first: int) -> Iterator[int]:
    """Walk a chain; one longer than its table is circular."""
    number = first
    for _ in range(len(table) + 1):
        if number > _LAST_SECTOR:
            return
        yield number
        if number >= len(table):
            raise damaged()
        number = table[number]
    raise damaged()
