"""What the women's federation hands in: visits to left-behind women and children."""

from __future__ import annotations

from typing import Final

from services.monitoring.datasets.contracts.left_behind import left_behind_visits

CONTRACTS: Final = (left_behind_visits("women", {"留守妇女": "woman", "留守儿童": "child"}),)
