"""Run a real PostgreSQL without an installed one: for the embedded mode, for tests, and never outliving its program."""

from chassis.database.server.embedded import EmbeddedPostgres, remove
from chassis.database.server.failures import PostgresFailed

__all__ = ["EmbeddedPostgres", "PostgresFailed", "remove"]
