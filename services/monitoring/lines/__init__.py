"""Monitoring lines by area and date with their sources, and what an income below them means."""
