"""The bounded services of the platform; each owns its nouns, its database and its events."""
