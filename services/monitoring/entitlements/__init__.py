"""政策应享尽享: what is due to whom by which policy, what they received, and what a department still owes (P-09)."""
