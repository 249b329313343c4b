"""What is read to be printed."""
