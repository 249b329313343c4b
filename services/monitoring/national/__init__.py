"""The national system's exports: a county loads them as they come, and sees where they and the registry differ."""
