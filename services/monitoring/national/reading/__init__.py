"""Read a national export: rows to households, cells to what the file says of each."""
