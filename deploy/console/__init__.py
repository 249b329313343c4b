"""The operator's command ``xianjie``, one file per group of commands."""
