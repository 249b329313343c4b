"""Doubles and real parts for the tests of every service; nothing here runs in production."""
