"""What is asked about divisions."""
