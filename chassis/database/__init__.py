"""Keep a service's own PostgreSQL database: one transaction per change, guarded by area."""
