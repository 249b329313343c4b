"""What is done with the national system's exports."""
