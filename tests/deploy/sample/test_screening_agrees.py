"""The screening engine, run over the county's facts, raises exactly what the plain reading of the rules says."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import uuid5

import pyarrow as pa

from deploy.sample.county import County
from deploy.sample.model import Household
from deploy.sample.oracle import SERIOUS_DISEASES, firings
from deploy.sample.tale import LINE_FEN
from services.monitoring.codes.income import IncomeGroup
from services.monitoring.datasets.contracts import contract_for
from services.monitoring.screening.catalogue import load_catalogue
from services.monitoring.screening.engine import run
from services.monitoring.screening.snapshot import TABLES
from tests.services.monitoring.screening.published import published_numbers


class Snapshot:
    """Collects the tables of a snapshot from a county's facts."""

    def __init__(self, county: County) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        moments = county.moments
        self._windows = (("rolling", moments.rolling), ("annual", moments.update()), ("annual", moments.update(1)))
        self._on = moments.on
        for category in SERIOUS_DISEASES:
            self.rows["listed_diseases"].append({"category": category})
        for household in county.households():
            self._add(household)

    def tables(self) -> dict[str, pa.Table]:
        return {name: pa.Table.from_pylist(rows, schema=TABLES[name]) for name, rows in self.rows.items()}

    def _add(self, household: Household) -> None:
        id_ = household.id.bytes
        self.rows["households"].append(
            {"household_id": id_, "region": household.region, "is_lifted": household.is_lifted, "is_monitored": False,
             "is_resettled": household.is_resettled, "line_fen": LINE_FEN}
        )  # fmt: skip
        for person in household.persons:
            is_student = person.stage not in (None, "before_school", "preschool")
            self.rows["persons"].append(
                {"person_id": person.id.bytes, "household_id": id_, "is_member": True, "birth_date": person.born,
                 "labour_skill": person.labour, "is_lifted": household.is_lifted, "is_student": is_student,
                 "is_soldier": False}
            )  # fmt: skip
        for name, (first, last) in self._windows:
            self._statement(household, name, first, last)
        for place, row in enumerate(row for row in household.rows if row.spoil is None):
            contract = contract_for(row.dataset, on=self._on)
            if contract.feeds is None:  # a register's, which no rule reads
                continue
            values = {
                column: row.values.get(source) for column, source in contract.facts.items() if column != "event_date"
            }
            values |= self._derived(contract.derived, row.values)
            self.rows[contract.feeds].append(
                {"record_id": uuid5(household.id, str(place)).bytes, "person_id": row.person.id.bytes,
                 "event_date": row.values["event_date"]} | values
            )  # fmt: skip

    def _statement(self, household: Household, name: str, first: date, last: date) -> None:
        net = ref = 0
        lines = [line for line in household.incomes if first <= line.on <= last]
        for line in lines:
            match line.kind.group:
                case IncomeGroup.SELF_PAY:
                    ref -= line.amount_fen
                case IncomeGroup.OPERATING_EXPENSE:
                    net, ref = net - line.amount_fen, ref - line.amount_fen
                case _:
                    net, ref = net + line.amount_fen, ref + line.amount_fen
        if lines:
            self.rows["income_statements"].append(
                {"household_id": household.id.bytes, "window": name, "window_end": last, "net_fen": net, "ref_fen": ref,
                 "members": len(household.persons)}
            )  # fmt: skip

    @staticmethod
    def _derived(names: Any, values: Any) -> dict[str, Any]:
        known = {"disease_category": lambda: values["disease_code"][:3], "house_ref": lambda: 1, "loan_ref": lambda: 1}
        return {name: known[name]() for name in names}


def test_the_engine_raises_exactly_what_the_truth_says(county: County):
    catalogue = load_catalogue()
    found = set()
    for batch in run(Snapshot(county).tables(), catalogue.rules, published_numbers(), county.moments.on):
        for hit in batch.to_pylist():
            found.add((hit["rule_id"], hit["household_id"], hit["person_id"]))
    expected = {
        (firing.rule, str(household.id), str(firing.person_id) if firing.person_id else None)
        for household in county.households()
        for firing in firings(household, county.moments)
    }
    names = {str(h.id): h.index for h in county.households()}
    missed = sorted((rule, names[household]) for rule, household, _ in expected - found)
    extra = sorted((rule, names[household]) for rule, household, _ in found - expected)
    assert (missed, extra) == ([], [])
