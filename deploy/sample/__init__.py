"""云岭县 610999, a county that does not exist: made from a seed at any size, with the truth about each row."""
