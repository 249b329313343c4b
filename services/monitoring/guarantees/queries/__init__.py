"""What is asked about guarantees."""
