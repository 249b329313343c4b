"""What cases take and show."""
