"""Read what waits."""
