"""Printing: what leaves the system on paper is kept in the audit log."""
