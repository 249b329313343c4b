"""What is done with cases."""
