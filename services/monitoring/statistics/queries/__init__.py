"""What is asked about figures."""
