"""Reads of clues, one file per question."""
