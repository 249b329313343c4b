"""Read a department's file: open it, judge its rows in chunks, keep what counts."""
