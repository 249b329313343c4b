"""What is asked about classifications."""
