"""The files are read as a department's would be, and every row ends as the truth says."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.security.scope import Area
from chassis.tabular import HeaderSpec, Limits, open_table, parse_row
from chassis.types import clean
from deploy.sample.county import County
from deploy.sample.places import COUNTY
from deploy.sample.plans import Shape, plans
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.datasets.rules.fates import Known, Registry, check_row, fate_of, judge
from services.monitoring.datasets.rules.periods import read_period

ON_LIMITS = Limits()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_department_hands_in_every_dataset_in_every_shape(folder: Path, county: County):
    listed = json.loads((folder / "submissions.json").read_text("utf-8"))
    assert {entry["dataset"] for entry in listed} == {contract.code for contract in load_contracts()}
    assert {plan.habit.shape for plan in plans(county.moments)} == set(Shape)
    assert {entry["outcome"] for entry in listed} == {"read", "same_file", "wrong_period"}


def test_every_row_has_the_fate_that_the_truth_says(folder: Path, county: County):
    owners, persons = {}, {}
    for household in county.households():
        for person in household.persons:
            persons[person.id] = Known(person.id, household.id, household.region, clean(person.name), "active")
            if person.number:
                owners[person.number] = person.id
    registry = Registry(owners, persons)
    expected: dict[str, dict[int, tuple[str, str | None]]] = defaultdict(dict)
    people: dict[tuple[str, int], UUID | None] = {}
    for row in lines(folder / "truth" / "rows.ndjson"):
        expected[row["file"]][row["row"]] = (row["fate"], row["code"])
        people[row["file"], row["row"]] = row["person_id"] and UUID(row["person_id"])
    for plan in plans(county.moments):
        found, seen = {}, set()
        span = read_period(plan.period, plan.contract.period)
        header = HeaderSpec(columns=plan.contract.columns, mapping=plan.mapping)
        with open_table(folder / "files" / plan.file_name, limits=ON_LIMITS, header=header) as table:
            for raw in table:
                values, faults = parse_row(plan.contract.columns, raw)
                row = check_row(plan.contract, span, raw.number, values, faults, today=county.moments.on)
                key = None if row.faults else tuple(values[name] for name in plan.contract.key)
                judgement = judge(row, registry, county=Area.of(COUNTY), is_repeated=key in seen)
                if key is not None:
                    seen.add(key)
                fate = fate_of(judgement.fate, is_late=plan.closes_on is not None)
                found[raw.number] = (fate.value, judgement.reasons[0].code if judgement.reasons else None)
                told = people.get((plan.file_name, raw.number))
                assert told is None or (judgement.person is not None and judgement.person.person_id == told)
        assert found == expected[plan.file_name], plan.file_name
