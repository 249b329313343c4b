"""Use cases of comparisons, one file each."""
