"""What is asked about spells of work."""
