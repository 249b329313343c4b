"""What is asked about helpers and pairings."""
