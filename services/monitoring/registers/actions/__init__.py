"""What is done with registers: feed, assess, record, correct, withdraw, follow a household."""
