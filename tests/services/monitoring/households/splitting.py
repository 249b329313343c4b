"""A son who leaves for the next village."""

from __future__ import annotations

from tests.services.monitoring.answers import member

SECOND_VILLAGE = 610999101204


def split_of(chen, **changes):
    son = member(chen, "陈小山")
    return {
        "region": str(SECOND_VILLAGE),
        "on": "2024-05-01",
        "leaving": [{"person_id": son["id"], "relation": "02"}],
    } | changes
