"""One module per register: its table with typed columns, how it is fed, and what is amiss."""
