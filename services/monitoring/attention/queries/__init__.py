"""What is asked about marks, checks and carers."""
