"""What is done with guarantee checks."""
