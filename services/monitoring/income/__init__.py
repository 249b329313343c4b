"""What a household earned and had to pay, line by line, over a window of twelve months."""
