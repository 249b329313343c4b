"""What is done with marks, checks and carers."""
