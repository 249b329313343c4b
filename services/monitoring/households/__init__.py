"""Households and persons: who lives where, since when, and what in the record is wrong or doubtful."""
