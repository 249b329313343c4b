"""Hits of a run by rule."""

from __future__ import annotations

import json


def collected(batches) -> list[str]:
    return sorted(json.dumps(hit, sort_keys=True) for batch in batches for hit in batch.to_pylist())
