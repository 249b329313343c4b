"""Benchmarks: each prints what it measured beside its baseline, measured in the same run on the same machine."""
