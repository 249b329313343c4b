"""Hand out many rows as NDJSON, CSV or Parquet while they are read, in bounded memory and from one snapshot."""
