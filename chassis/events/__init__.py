"""Say what happened, once, in order per thing, to whoever listens, whatever dies in between."""
