"""Write the county into a folder: what it hands in, and under ``truth/`` how each row and each rule must end."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any, BinaryIO, Final
from uuid import NAMESPACE_URL, uuid5

import orjson

from deploy.sample.clerk import Clerk
from deploy.sample.county import County
from deploy.sample.model import Firing, Household, Place, Row
from deploy.sample.oracle import firings
from deploy.sample.plans import Plan, plans

Progress = Callable[[int], None]

REGIONS: Final = "regions.csv"
STAFF: Final = "staff.json"
LINES: Final = "lines.json"
HOUSEHOLDS: Final = "households.ndjson"
INCOMES: Final = "incomes.ndjson"
SUBMISSIONS: Final = "submissions.json"
FILES: Final = "files"
TRUTH: Final = "truth"
_DIVISIONS_FROM: Final = "2013-01-01"


def write_county(county: County, folder: Path, *, on_progress: Progress | None = None) -> None:
    """Write everything, household by household; ``on_progress`` is told how many are done.

    :raises OSError: if the folder cannot be written.
    """
    (folder / FILES).mkdir(parents=True, exist_ok=True)
    (folder / TRUTH).mkdir(exist_ok=True)
    _write_regions(county.places, folder / REGIONS)
    _write_json(folder / STAFF, [asdict(officer) for officer in county.officers])
    _write_json(folder / LINES, lines_of_the_story())
    with ExitStack() as stack:
        writer = _Writer(county, folder, stack)
        for household in county.households():
            writer.write(household)
            if on_progress is not None:
                on_progress(household.index + 1)
        listed = writer.finish()
    _write_json(folder / SUBMISSIONS, listed)


class _Writer:
    """Keeps the open files of one county."""

    def __init__(self, county: County, folder: Path, stack: ExitStack) -> None:
        self._county = county

        def opened(name: str) -> BinaryIO:
            return stack.enter_context((folder / name).open("wb"))

        self._households, self._incomes = opened(HOUSEHOLDS), opened(INCOMES)
        self._rows, self._hits = opened(f"{TRUTH}/rows.ndjson"), opened(f"{TRUTH}/hits.ndjson")
        self._silent = opened(f"{TRUTH}/silent.ndjson")
        self._folder = folder / FILES
        self._plans = {plan.batch: plan for plan in plans(county.moments)}
        self._clerks: dict[str, Clerk] = {}

    def write(self, household: Household) -> None:
        _put(self._households, household.body())
        for line in household.incomes:
            told = {"id": line.id, "household_id": household.id, "kind": line.kind.value, "amount_fen": line.amount_fen}
            _put(self._incomes, told | {"on": line.on, "person_id": line.person_id})
        for row in household.rows:
            self._hand_in(row, household)
        for firing in sorted(firings(household, self._county.moments), key=_order):
            _put(self._hits, _told(firing, household))
        for firing, why in household.silent:
            _put(self._silent, _told(firing, household) | {"why": why})

    def finish(self) -> list[dict[str, Any]]:
        """Complete every file; gives the list of what is handed in, in order."""
        for clerk in self._clerks.values():
            clerk.close()
        return [entry for batch in self._plans if batch in self._clerks for entry in _entries(self._clerks[batch])]

    def _hand_in(self, row: Row, household: Household) -> None:
        clerk = self._clerks.get(row.batch)
        if clerk is None:
            plan = self._plans[row.batch]
            rng = Random(f"{self._county.seed}/{plan.batch}")  # noqa: S311 - a story, no secret
            clerk = self._clerks[row.batch] = Clerk(plan, self._folder, rng)
        for fate in clerk.write(row, household.id):
            _put(self._rows, {"file": clerk.plan.file_name} | fate._asdict())


def _entries(clerk: Clerk) -> Iterable[dict[str, Any]]:
    plan = clerk.plan
    entry = _entry(plan) | {"outcome": "wrong_period" if plan.is_refused else "read", "counts": dict(clerk.counts)}
    yield entry
    if plan.habit.handed_in_twice:
        yield entry | {"outcome": "same_file"}


def _entry(plan: Plan) -> dict[str, Any]:
    return {
        "file": plan.file_name,
        "dataset": plan.contract.code,
        "department": plan.contract.department,
        "period": plan.period,
        "mapping": plan.mapping,
        "closes_on": plan.closes_on,
    }


def lines_of_the_story() -> list[dict[str, Any]]:
    """The monitoring lines of clause G: the province's, and the county's income with its 60 % rule."""
    story, province, county = "示例数据（虚构）", 610000000000, 610999000000

    def of_year(year: int, base: str, before: str) -> list[dict[str, Any]]:
        dates = {"valid_from": f"{year}-01-01", "valid_to": f"{year}-12-31"}
        return [
            {"kind": "base_line", "scope": f"{province}", "amount": base,
             "source": f"{story} 省定监测范围 {year}"} | dates,
            {"kind": "county_income", "scope": f"{county}", "year": year - 1, "amount": before,
             "source": f"{story} 县统计公报 {year - 1}"} | dates,
            {"kind": "rule_60", "scope": f"{county}", "mode": "register", "percent": 60,
             "source": f"{story} 县监测办法 {year}"} | dates,
        ]  # fmt: skip

    rows = [*of_year(2024, "7500.00", "13200.00"), *of_year(2025, "8000.00", "14300.00")]
    return [{"id": str(uuid5(NAMESPACE_URL, f"xianjie:sample:{r['kind']}:{r['valid_from']}"))} | r for r in rows]


def _write_regions(places: Iterable[Place], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "name", "level", "valid_from", "valid_to", "successor"])
        for place in places:
            level = "县" if place.code % 10**6 == 0 else "村" if place.code % 1000 else "乡镇"
            writer.writerow([f"{place.code:012d}", place.name, level, _DIVISIONS_FROM, "", ""])


def _told(firing: Firing, household: Household) -> dict[str, Any]:
    return {"rule": firing.rule, "household_id": household.id, "person_id": firing.person_id}


def _order(firing: Firing) -> tuple[str, str]:
    return firing.rule, str(firing.person_id)


def _put(file: BinaryIO, document: Mapping[str, Any]) -> None:
    file.write(orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE))


def _write_json(path: Path, document: Any) -> None:
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
