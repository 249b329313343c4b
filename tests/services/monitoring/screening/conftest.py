"""A county of a few households for screening tests; each case is a household of its own."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest

from services.monitoring.screening.catalogue import Catalogue, load_catalogue
from services.monitoring.screening.engine import run
from services.monitoring.screening.seeding import seed_screening
from services.monitoring.screening.snapshot import TABLES
from tests.personas import CHEN
from tests.services.monitoring.screening import county_data
from tests.services.monitoring.screening.published import published_numbers

TODAY = date(2024, 6, 3)
VILLAGE = 610999101203


class County:
    """Collects rows of a snapshot; a case is named by a sentence and stands for one household."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._ids = 0
        self._cases: dict[str, str] = {}

    def new_id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)

    def household(self, case: str, **facts: Any) -> UUID:
        household = self.new_id()
        self._cases[str(household)] = case
        base = {"is_lifted": False, "is_monitored": False, "is_resettled": False, "line_fen": 792_000}
        self._rows["households"].append({"household_id": household, "region": VILLAGE, **base, **facts})
        return household

    def person(self, household: UUID, **facts: Any) -> UUID:
        person = self.new_id()
        base = {
            "is_member": True,
            "birth_date": date(1974, 3, 12),
            "labour_skill": "none",
            "is_lifted": False,
            "is_student": False,
            "is_soldier": False,
        }
        self._rows["persons"].append({"person_id": person, "household_id": household, **base, **facts})
        return person

    def one(self, case: str, **facts: Any) -> UUID:
        """A household of one person; household facts by their names, the person's with ``person_`` before them."""
        own = {name.removeprefix("person_"): facts.pop(name) for name in list(facts) if name.startswith("person_")}
        return self.person(self.household(case, **facts), **own)

    def record(self, table: str, person: UUID, event_date: date = date(2024, 5, 20), **facts: Any) -> UUID:
        record = self.new_id()
        nothing = dict.fromkeys(TABLES[table].names)
        self._rows[table].append(
            {**nothing, "record_id": record, "person_id": person, "event_date": event_date, **facts}
        )
        return record

    def row(self, table: str, **facts: Any) -> None:
        self._rows[table].append(facts)

    def statement(self, household: UUID, window: str, end: date, net: int, members: int, ref: int | None = None):
        self.row(
            "income_statements", household_id=household, window=window, window_end=end, net_fen=net,
            ref_fen=net if ref is None else ref, members=members,
        )  # fmt: skip

    def snapshot(self) -> dict[str, pa.Table]:
        return {
            name: pa.Table.from_pylist(
                [{k: v.bytes if isinstance(v, UUID) else v for k, v in row.items()} for row in rows],
                schema=TABLES[name],
            )
            for name, rows in self._rows.items()
        }

    def hits(self, rule_id: str, *, as_of: date = TODAY) -> list[dict[str, Any]]:
        catalogue = load_catalogue()
        batches = run(self.snapshot(), [catalogue[rule_id]], published_numbers(), as_of)
        return [hit for batch in batches for hit in batch.to_pylist()]

    def fired(self, rule_id: str, *, as_of: date = TODAY) -> set[str]:
        """The cases for which a rule fires."""
        return {self._cases[hit["household_id"]] for hit in self.hits(rule_id, as_of=as_of)}


@pytest.fixture
def county() -> County:
    return County()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def numbers() -> dict[str, int]:
    return published_numbers()


@pytest.fixture
async def chen(asks, monitoring):
    """Household A with the wife's self-pay of 20,000.00 told by medical insurance."""
    await seed_screening(monitoring)
    household = (await asks().post("/households", json=CHEN)).json()
    wife = next(one for one in household["members"] if one["name"] == "李秀兰")
    wife["record"] = await county_data.record(
        monitoring, county_data.SELF_PAY, wife, household["id"], county_data.MAY, row=7, self_pay_fen=2_000_000
    )
    return household, wife
