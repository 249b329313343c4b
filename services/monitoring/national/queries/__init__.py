"""What is asked about the national system's exports."""
