"""Give rejected rows back as the sender wrote them, with the reason beside each, so that they are mended in place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from chassis.errors import Language
from chassis.tabular.columns import Column, Kind, label_key
from chassis.tabular.formats import Format
from chassis.tabular.header import RETURNED_LABELS
from chassis.tabular.model import Cell, CellFault, Header, RawRow
from chassis.tabular.ndjson_rows import MALFORMED
from chassis.tabular.table_writer import TEXT_FORMAT
from chassis.tabular.writer import Destination, open_writer

ORIGINAL_LABEL: Final = "原文"
"""Where NDJSON gives back a line that was no object."""


class RejectedRow(NamedTuple):
    """A row as it was read, and all that is wrong with it."""

    row: RawRow
    faults: Sequence[CellFault]


def write_rejected(
    destination: Destination,
    header: Header,
    columns: Sequence[Column],
    rows: Iterable[RejectedRow],
    *,
    form: Format,
    language: Language = "zh",
) -> int:
    """Write 原因 and 行号, then the sender's own columns under their labels in their order; gives the row count.

    The two come first, where they are seen at once and where a row with too many cells cannot run into them; the file
    can be handed in again as it is, since reading ignores both, and a file that came back twice carries them once.
    """
    positions = [at for at in range(len(header.labels)) if at not in header.returned]
    own_labels = [header.labels[at] for at in positions]
    identity = {header.columns.get(column.name) for column in columns if column.kind is Kind.IDENTITY_NUMBER}
    formats = [None, None, *(TEXT_FORMAT if at in identity else None for at in positions)]
    shown = {
        column.name: header.labels[header.columns[column.name]] if column.name in header.columns else column.label
        for column in columns
    }
    labels = [*_labels(own_labels, columns), *own_labels]
    if form is Format.NDJSON:
        labels.append(ORIGINAL_LABEL)
    with open_writer(destination, labels, form=form, formats=formats, frozen_columns=2) as writer:
        for row, faults in rows:
            given_back = _given_back(row, positions, len(header.labels), form)
            writer.write([_reason(faults, shown, language), row.number, *given_back])
        return writer.written


def _given_back(row: RawRow, positions: Sequence[int], width: int, form: Format) -> list[Cell]:
    if form is Format.NDJSON and any(fault.code == MALFORMED.code for fault in row.faults):
        return [*([None] * len(positions)), *row.raw]
    count = len(row.raw)
    return [*(row.raw[at] if at < count else None for at in positions), *row.raw[width:]]


def _labels(own_labels: Sequence[str], columns: Sequence[Column]) -> tuple[str, str]:
    """The names of our two columns: the first pair that neither the contract nor the sender uses."""
    taken = {label_key(label) for column in columns for label in (column.name, column.label, *column.aliases)}
    taken |= {label_key(label) for label in own_labels}
    return next((pair for pair in RETURNED_LABELS if not taken & set(pair)), RETURNED_LABELS[-1])


def _reason(faults: Sequence[CellFault], labels: dict[str, str], language: Language) -> str:
    parts = []
    for fault in faults:
        said = fault.message.in_language(language)
        if fault.column is None:
            parts.append(said)
        else:
            parts.append(f"【{labels.get(fault.column, fault.column)}】{said}")
    return "\n".join(parts)
