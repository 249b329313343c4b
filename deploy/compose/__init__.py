"""The platform in containers: its secrets, and what must be done once before the programs start."""
