"""What is decided about measures, without asking anybody."""
