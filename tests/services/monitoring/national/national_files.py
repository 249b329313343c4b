"""Build national exports as a county sends them. All persons are of county 610999."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from chassis.tabular import Format, open_writer
from chassis.testing.programs import VILLAGE
from services.monitoring.national.contract import COLUMNS
from tests.personas import number

LABELS = {column.name: column.label for column in COLUMNS}
CHEN = {"household_no": "H610999000001", "region": str(VILLAGE), "is_lifted": "是", "lifted_year": "2018"}
DASHAN = CHEN | {
    "person_no": "P1",
    "name": "陈大山",
    "identity_number": "610999197403123010",
    "relation": "户主",
    "labour_skill": "普通劳动力",
    "health": "健康",
    "education": "初中",
    "is_insured": "是",
    "ethnicity": "汉族",
}
XIULAN = CHEN | {
    "person_no": "P2",
    "name": "李秀兰",
    "identity_number": "610999197608053028",
    "relation": "妻",
    "labour_skill": "弱劳动力或半劳动力",
    "health": "患有大病",
    "education": "小学",
    "is_insured": "是",
}
MONITORED = {
    "monitoring_type": "突发严重困难户",
    "registered_on": "2024-05-17",
    "risk_1": "因病",
    "risk_2": "02",
    "contact": "王强",
}


def member(**changes: Any) -> dict[str, Any]:
    """A head of a household of his own, whom nobody knows."""
    serial = number()
    known = {
        "household_no": f"H{serial[-10:]}",
        "region": str(VILLAGE),
        "is_lifted": "是",
        "name": "王小明",
        "identity_number": serial,
        "relation": "户主",
        "education": "初中",
        "is_insured": "是",
    }
    return known | changes


def table(
    *rows: Mapping[str, Any], form: Format = Format.CSV, labels: Mapping[str, str] = LABELS, encoding: str = "utf-8-sig"
) -> bytes:
    """The rows under the contract's labels, or under others; only columns that some row fills."""
    used = [column.name for column in COLUMNS if any(column.name in row for row in rows)]
    if form is Format.NDJSON:
        return b"".join(orjson.dumps({n: row[n] for n in used if n in row}) + b"\n" for row in rows)
    out = io.BytesIO()
    with open_writer(out, [labels[name] for name in used], form=form) as writer:
        for row in rows:
            writer.write([row.get(name) for name in used])
    content = out.getvalue()
    return content if form is not Format.CSV else content.decode("utf-8-sig").encode(encoding)


def facts(difference: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs: there and here, by fact."""
    return {one["fact"]: (one["there"], one["here"]) for one in difference["facts"]}


def codes(errors: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    return [tuple(one) for one in errors]


ZERO = dict.fromkeys(
    (
        *("created", "updated", "unchanged", "ignored", "total", "rows", "refused", "persons_created"),
        *("persons_updated", "monitoring", "income_lines", "income_held_back", "measures"),
    ),
    0,
)


def counted(job, **given):
    assert job["state"] == "succeeded", job
    assert {name: job["result"][name] for name in ZERO} == ZERO | given
    return job
