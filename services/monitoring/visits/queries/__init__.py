"""What is asked about visits."""
