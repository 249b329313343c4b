"""Judge rows and periods by pure rules: no I/O, time given as a value."""
