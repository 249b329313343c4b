"""Help given to households (domain B9): what the national system says was given, and measures recorded here."""
