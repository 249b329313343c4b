"""Keep a clerk's own columns and cells, so that rows can go back exactly as they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.security.vault import Vault
from chassis.tabular import Cell, ErrorCell, Format, Header, RawRow

TABLE = "submission_row"
COLUMN = "raw"


def header_document(header: Header, form: Format) -> dict[str, Any]:
    """A file's header as it is kept with its batch."""
    return {
        "format": form.value,
        "number": header.number,
        "labels": list(header.labels),
        "columns": dict(header.columns),
        "units": dict(header.units),
        "returned": sorted(header.returned),
        "date_1904": header.date_1904,
        "unknown": list(header.unknown),
        "other_sheets": list(header.other_sheets),
    }


def header_of(document: Mapping[str, Any]) -> Header:
    """The header that :func:`header_document` kept."""
    return Header(
        number=document["number"],
        labels=tuple(document["labels"]),
        columns=document["columns"],
        units=document["units"],
        unknown=tuple(document["unknown"]),
        returned=frozenset(document["returned"]),
        date_1904=document["date_1904"],
    )


def seal_cells(vault: Vault, cells: Sequence[Cell], *, place: UUID) -> bytes:
    """A row's cells, encrypted, each with its type."""
    plain = orjson.dumps([_kept(cell) for cell in cells])
    return vault.encryptor.seal(plain, table=TABLE, column=COLUMN, row=place)


def open_cells(vault: Vault, sealed: bytes, *, place: UUID) -> list[Cell]:
    """The cells that :func:`seal_cells` kept."""
    plain = vault.encryptor.open_bytes(bytes(sealed), table=TABLE, column=COLUMN, row=place)
    return [_given_back(kept) for kept in orjson.loads(plain)]


def raw_row(number: int, cells: Sequence[Cell], header: Header) -> RawRow:
    """A kept row as the reader gave it."""
    count = len(cells)
    values = {name: (cells[at] if at < count and cells[at] != "" else None) for name, at in header.columns.items()}
    return RawRow(number, values, tuple(cells), header)


def in_columns_of(first: Header, row: RawRow) -> list[Cell]:
    """A corrected row's cells in the columns of the file that it corrects, found by their headings."""
    places: dict[tuple[str, int], int] = {}
    turns: Counter[str] = Counter()
    for at, label in enumerate(row.header.labels):
        if at not in row.header.returned:
            places[label, turns[label]] = at
            turns[label] += 1
    cells: list[Cell] = []
    turns.clear()
    for at, label in enumerate(first.labels):
        if at in first.returned:
            cells.append(None)
            continue
        source = places.get((label, turns[label]))
        turns[label] += 1
        cells.append(row.raw[source] if source is not None and source < len(row.raw) else None)
    return cells


def _kept(cell: Cell) -> Any:
    if isinstance(cell, datetime):
        return {"t": cell.isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    if isinstance(cell, ErrorCell):
        return {"e": cell.sign}
    if isinstance(cell, str):
        # A lone surrogate cannot be written as JSON; the row was refused for it and goes back with a mark there.
        return cell.encode(errors="replace").decode() if not _is_storable(cell) else cell
    if isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) >= 1 << 63:
        return float(cell)
    return cell


def _is_storable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _given_back(kept: Any) -> Cell:
    if not isinstance(kept, dict):
        cell: Cell = kept
        return cell
    if "t" in kept:
        return datetime.fromisoformat(kept["t"])
    return date.fromisoformat(kept["d"]) if "d" in kept else ErrorCell(kept["e"])
