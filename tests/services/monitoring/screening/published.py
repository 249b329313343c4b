"""The numbers that the rules are published with: nationwide, one for each key, without an end."""

from __future__ import annotations

from services.monitoring.screening.catalogue import load_catalogue


def published_numbers() -> dict[str, int]:
    return {row.key: row.value for row in load_catalogue().rows}
