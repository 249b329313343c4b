"""What people ask of the registry, one file per question."""
