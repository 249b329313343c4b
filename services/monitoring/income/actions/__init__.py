"""What is done with income lines: record, correct, withdraw, let them follow a moved household."""
