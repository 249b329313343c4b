"""Do work later, in the service's own database: asked for in the caller's transaction, resumed after any kill."""
