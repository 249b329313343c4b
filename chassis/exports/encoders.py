"""Turn batches of rows into the bytes of a file, batch by batch; nothing of what was handed out stays in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from chassis.exports.columns import AS_TEXT, ExportColumn
from chassis.exports.encoder import Encoder, Row, Sink
from chassis.tabular import Format, TableWriter, open_writer


class ExportFormat(StrEnum):
    """The formats in which rows go out."""

    NDJSON = "ndjson"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


MEDIA_TYPES: Final[Mapping[ExportFormat, str]] = {
    ExportFormat.NDJSON: "application/x-ndjson",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


def encoder(form: ExportFormat, columns: Sequence[ExportColumn]) -> Encoder:
    """An encoder for one file."""
    if form is not ExportFormat.PARQUET:
        return _TextEncoder(form, columns)
    from chassis.exports.parquet import ParquetEncoder  # only who writes Parquet pays for Arrow's import

    return ParquetEncoder(columns)


class _TextEncoder(Encoder):
    """A workbook, CSV whose executable cells get an apostrophe, or NDJSON without empty fields."""

    def __init__(self, form: ExportFormat, columns: Sequence[ExportColumn]) -> None:
        self._sink = Sink()
        self._show = [(column.name, AS_TEXT[column.type]) for column in columns]
        names = [column.name for column in columns]
        self._writer: TableWriter = open_writer(self._sink, names, form=Format(form.value))  # type: ignore[arg-type]
        self._writer.__enter__()

    def encode(self, rows: Sequence[Row]) -> bytes:
        for row in rows:
            self._writer.write([None if (value := row[name]) is None else show(value) for name, show in self._show])
        return self._sink.take()

    def finish(self) -> bytes:
        self._writer.__exit__(None, None, None)
        return self._sink.take()

    def close(self) -> None:
        self._sink.take()
