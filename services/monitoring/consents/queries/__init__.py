"""Reads of consents."""
