"""Help given to households (clause B9): what the national system says was given, and measures recorded here."""
