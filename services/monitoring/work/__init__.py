"""Spells of work of the registered, as the employment service tells them; monitoring judges by them who lost work."""
