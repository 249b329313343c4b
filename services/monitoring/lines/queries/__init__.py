"""What is asked about monitoring lines."""
