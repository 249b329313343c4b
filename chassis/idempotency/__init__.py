"""Answer a repeated request with the first one's answer, however late a phone repeats it."""
