"""What is done with measures."""
