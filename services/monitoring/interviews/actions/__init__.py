"""Use cases of interviews, one file each."""
