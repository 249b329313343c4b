"""Write Parquet batch by batch; loaded by the first export that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from chassis.exports.columns import AS_ARROW, ExportColumn, ExportType
from chassis.exports.encoder import Encoder, Row, Sink

ARROW_TYPES: Final[dict[ExportType, Any]] = {
    ExportType.TEXT: pa.string(),
    ExportType.INTEGER: pa.int64(),
    ExportType.MONEY: pa.decimal128(18, 2),
    ExportType.DAY: pa.date32(),
    ExportType.INSTANT: pa.timestamp("us", tz="UTC"),
    ExportType.BOOLEAN: pa.bool_(),
    ExportType.ID: pa.string(),
    ExportType.REGION: pa.string(),
}


class ParquetEncoder(Encoder):
    """One row group for each batch; money as decimal(18,2) in 元, instants in UTC."""

    def __init__(self, columns: Sequence[ExportColumn]) -> None:
        self._sink = Sink()
        self._columns = columns
        self._schema = pa.schema([(column.name, ARROW_TYPES[column.type]) for column in columns])
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def encode(self, rows: Sequence[Row]) -> bytes:
        if rows:
            arrays = [
                pa.array(
                    [None if (value := row[column.name]) is None else AS_ARROW[column.type](value) for row in rows],
                    ARROW_TYPES[column.type],
                )
                for column in self._columns
            ]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
        return self._sink.take()

    def finish(self) -> bytes:
        self._writer.close()
        return self._sink.take()

    def close(self) -> None:
        self._writer.close()
        self._sink.take()
