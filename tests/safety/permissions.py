"""The hand-written list of who may do what."""

from __future__ import annotations

import csv
from pathlib import Path

TABLE = Path(__file__).parent.parent / "permissions.csv"


def permissions() -> dict[str, dict[str, str]]:
    """The table, by operation id."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["operation_id"]: row for row in csv.DictReader(file)}
