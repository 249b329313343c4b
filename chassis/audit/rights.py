"""Take from the serving role what would let it rewrite the audit: it adds rows and reads them, and nothing else."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

APPEND_ONLY: Final = ("audit_entry", "audit_read", "audit_seal", "audit_checkpoint", "epoch")
"""Tables whose rows stand as they were written. Sealing adds seals beside the entries and touches none of them."""

_APP: Final = text("SELECT quote_ident(regexp_replace(current_user, '_owner$', '_app'))")


def keep_append_only(connection: Connection) -> None:
    """Leave the role ``app`` SELECT and INSERT on the audit's tables; ``connection`` acts as the owner."""
    app = connection.execute(_APP).scalar_one()
    connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(APPEND_ONLY)} FROM {app}"))


def let_rewrite(connection: Connection) -> None:
    """Give back what :func:`keep_append_only` took: the way down of its migration."""
    app = connection.execute(_APP).scalar_one()
    connection.execute(text(f"GRANT UPDATE, DELETE ON {', '.join(APPEND_ONLY)} TO {app}"))
