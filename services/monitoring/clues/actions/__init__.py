"""What people do with clues, one file per use case."""
