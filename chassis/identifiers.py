"""Make identifiers that sort by the time they were made (UUIDv7), so that indexes grow at one end."""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """A fresh UUIDv7 from system time."""
    return uuid_utils.compat.uuid7()
