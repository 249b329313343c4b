"""Run the whole platform with one command: its own PostgreSQL, its own issuer of tokens, an in-process bus."""
