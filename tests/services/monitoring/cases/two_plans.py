"""By when each step is due in one county, and how another one works."""

from __future__ import annotations

DUES = {
    "dispatched": "2024-06-04",
    "verified": "2024-06-06",
    "compared": "2024-06-07",
    "village_reviewed": "2024-06-08",
    "publicity": "2024-06-13",
    "passed": "2024-06-14",
    "town_ok": "2024-06-15",
    "county_ok": "2024-06-18",
    "registered": "2024-06-18",
}

OTHER_PLAN = [
    "limit 20 working", "dispatched 1", "verified 3", "compared beside verified", "village_reviewed 2", "town_ok 2",
    "publicity 7", "passed 1", "county_ok 2", "registered 1",
]  # fmt: skip
