"""Keep who did what, when and why, so that a later change of the record shows."""
