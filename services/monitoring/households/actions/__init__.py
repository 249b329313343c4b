"""What people do with the registry, one file per use case."""
