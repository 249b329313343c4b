"""Keep every number of policy as a dated row with its area and source, changed by two persons."""
