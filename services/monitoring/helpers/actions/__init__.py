"""What is done with helpers and pairings."""
