"""What is done with divisions: record them from a file, and let one follow another."""
