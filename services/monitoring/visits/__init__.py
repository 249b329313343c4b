"""Visits: who is due one, what was found, and which duties one visit met. No check-in, no photo, no position."""
