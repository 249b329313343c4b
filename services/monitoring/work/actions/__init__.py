"""What is done with spells of work."""
