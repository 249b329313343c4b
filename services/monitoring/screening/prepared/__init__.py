"""Prepare a snapshot for rules: the fixed SQL behind every published name.

This SQL is ours, so it may join and aggregate; it keeps to what DuckDB and Apache Spark compute alike: months and ages
are integer arithmetic on year(), month() and day(), the latest row is a window function, no division, no NULL order.
"""
