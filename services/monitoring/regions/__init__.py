"""Divisions from province to village, with the dates between which each code holds and what succeeds it."""
