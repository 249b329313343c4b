"""What is decided about guarantees, without asking anybody."""
