"""Screening: rules written as data over a published vocabulary, run over a snapshot of ids and facts."""
