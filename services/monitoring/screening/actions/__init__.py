"""What people ask of screening, one file per use case."""
