"""Hand out many rows as a workbook, CSV, NDJSON or Parquet while they are read: in bounded memory, of one snapshot."""
