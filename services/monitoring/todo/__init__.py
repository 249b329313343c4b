"""What waits for whom: one list over everything that somebody has to do."""
