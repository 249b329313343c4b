"""The code lists that records, files and forms of the registry are written in, each with its source."""
