"""待办: marks of what waits for somebody, kept by ids and dates; what it is about stays in its service."""
