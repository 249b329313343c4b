"""What is asked about officers and posts."""
