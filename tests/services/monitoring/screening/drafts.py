"""A rule as an officer drafts it."""

from __future__ import annotations

DRAFT = {
    "grain": "person",
    "subject": "person",
    "severity": "M",
    "expression": "year_self_pay_fen >= 2500000",
    "label": {"zh": "高额自付", "en": "high self-pay"},
    "clause": {"zh": "县自定", "en": "the county's own"},
    "source": "county meeting of 2024-06-01",
    "growing": {"column": "year_self_pay_fen", "threshold": "self_pay_monitored_min_fen"},
}
