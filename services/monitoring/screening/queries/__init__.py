"""Reads of screening, one file per question."""
