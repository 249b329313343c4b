"""Help given to households. So far: what the national system says was given, taken over with its exports."""
