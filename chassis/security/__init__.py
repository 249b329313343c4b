"""Know who acts, in which area, and keep what they may not read unreadable."""
