"""What is decided about cases without a database."""
