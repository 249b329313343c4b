"""Say which rules fire for a household: clause B11 in plain words, from the county's own facts.

Nothing of the screening is used here. Whoever changes a rule there has to find the same answer here in another way, so
a mistake in either shows. Only rows that reached their person count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

from deploy.sample.model import Firing, Household, Person, Row
from deploy.sample.moments import Moments
from deploy.sample.tale import LINE_FEN, WORKS

SERIOUS_DISEASES: Final = frozenset({"C34"})
_CHRONIC: Final = ("hypertension", "diabetes", "tuberculosis", "mental")
_OUT_OF_SCHOOL: Final = ("dropped_out",)


def firings(household: Household, moments: Moments) -> set[Firing]:
    """Every rule that must fire for the household, on the story's business date."""
    told = _Told(household, moments)
    return {*_of_persons(told), *_of_rows(told), *_of_household(told)}


class _Told:
    """What reached the platform about a household."""

    def __init__(self, household: Household, moments: Moments) -> None:
        self.household, self.moments = household, moments
        self._rows = [row for row in household.rows if row.spoil is None]

    def rows(self, dataset: str, person: Person | None = None) -> list[Row]:
        found = [r for r in self._rows if r.dataset == dataset and (person is None or r.person.id == person.id)]
        return sorted(found, key=lambda row: row.values["event_date"])

    def latest(self, dataset: str, person: Person) -> dict[str, Any]:
        rows = self.rows(dataset, person)
        return dict(rows[-1].values) if rows else {}

    def sums(self, window: tuple[date, date]) -> tuple[int, int]:
        """Net and reference income of a window, in 分."""
        net = ref = 0
        for line in self.household.incomes:
            if window[0] <= line.on <= window[1]:
                group = line.kind.value.partition(".")[0]
                signed = -line.amount_fen if group in ("operating_expense", "self_pay") else line.amount_fen
                ref += signed
                net += 0 if group in ("self_pay", "claims") else signed
        return net, ref

    @property
    def workers(self) -> list[Person]:
        """Members of working age, 16 to 59, who are fit for work."""
        return [p for p in self.household.persons if p.labour in WORKS and 16 <= age(p.born, self.moments.on) <= 59]


def age(born: date, on: date) -> int:
    """Completed years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _of_persons(told: _Told) -> Iterator[Firing]:
    household = told.household
    for person in household.persons:
        paid = told.latest("medical.annual_self_pay", person).get("self_pay_fen", 0)
        if household.is_lifted and paid >= 500_000:
            yield Firing("R01", person.id)
        if not household.is_lifted and paid >= 2_000_000:
            yield Firing("R02", person.id)
        school_age = age(person.born, date(told.moments.on.year - 1, 8, 31))
        is_of_age = school_age >= 6 and age(person.born, told.moments.on) <= 15
        if is_of_age and told.latest("education.status", person).get("school_status") in _OUT_OF_SCHOOL:
            yield Firing("R08", person.id)
        months = {row.values["event_date"]: row.values["wage_12m_fen"] for row in told.rows("work.wages", person)}
        if months:
            last = max(months)
            before = months.get(last.replace(year=last.year - 1), 0)
            if before and (before - months[last]) * 100 >= before * 30:
                yield Firing("R16", person.id)


def _of_rows(told: _Told) -> Iterator[Firing]:
    household, on = told.household, told.moments.on
    checks = {
        "R03": ("medical.stays", lambda v: v["stay_self_pay_fen"] >= 1_000_000),
        "R04": ("medical.outpatient", lambda v: v["outpatient_self_pay_fen"] >= 50_000),
        "R06": ("health.serious_disease", lambda v: v["disease_code"][:3] in SERIOUS_DISEASES),
        "R07": ("health.chronic_contract", lambda v: v["chronic_kind"] in _CHRONIC and not _contract(v, on)),
        "R09": ("education.costs", lambda v: _is_later_school(v) and v["school_net_cost_fen"] >= 1_000_000),
        "R11": ("housing.appraisals", lambda v: v["house_grade"] in "CD" and v["is_only_house"] and not _mended(v, on)),
        "R12": ("water.supply", lambda v: _days_off(v, on) > 30 or v.get("water_quality") == "fail"),
        "R13": ("emergency.disasters", _is_disaster),
        "R14": ("traffic.accidents", lambda v: v["injury"] in ("serious", "death")),
        "R18": ("civil.temporary_aid", lambda v: v["temporary_aid_fen"] >= 500_000),
        "R19": ("agriculture.losses", lambda v: v["farm_loss_fen"] >= 1_000_000),
        "R20": ("finance.credit", lambda v: v["credit_days_overdue"] >= 30),
        "R26": ("petitions.calls", lambda v: v["petition_category"] == "hardship"),
    }
    for rule, (dataset, holds) in checks.items():
        for row in told.rows(dataset):
            if holds(row.values):  # type: ignore[no-untyped-call]
                yield Firing(rule, row.person.id)
    yield from _of_histories(told)
    for dataset in ("civil.left_behind_visits", "women.left_behind_visits"):
        for row in told.rows(dataset):
            seen = row.values.get("last_visit_on") or row.values["listed_on"]
            if (on - seen).days > 30:
                yield Firing("R27", row.person.id)
    net, _ = told.sums(told.moments.rolling)
    for row in told.rows("civil.aid_change"):
        stopped = row.values["aid_kind"] == "subsistence" and row.values["aid_change"] == "stopped"
        if stopped and net < LINE_FEN * len(household.persons):
            yield Firing("R17", row.person.id)


def _of_histories(told: _Told) -> Iterator[Firing]:
    """Newly severe disability, and the loss of the one who earns most."""
    for person in told.household.persons:
        levels = [row.values["disability_level"] for row in told.rows("disability.certificates", person)]
        if levels and levels[-1] <= 2 and (len(levels) == 1 or levels[-2] > 2):
            yield Firing("R10", person.id)
        lost = [*told.rows("security.status", person), *told.rows("justice.status", person)]
        if any(row.values["life_status"] in ("dead", "imprisoned") for row in lost) and person in _earners(told):
            yield Firing("R24", person.id)


def _of_household(told: _Told) -> Iterator[Firing]:
    household = told.household
    insurance = [told.latest("medical.insurance", p).get("insurance_status") for p in household.persons]
    in_grace = [(told.moments.on - person.born).days <= 90 for person in household.persons]
    if any(s == "not_insured" and not grace for s, grace in zip(insurance, in_grace, strict=True)):
        yield Firing("R05")
    states = [told.latest("work.status", worker) for worker in told.workers]
    idle = [_idle_months(state, told.moments.on) for state in states]
    if idle and None not in idle and min(month for month in idle if month is not None) >= 3:
        yield Firing("R15")
    if household.is_resettled and states and _nobody_works(states, told):
        yield Firing("R25")
    yield from _of_income(told, len(household.persons))


def _of_income(told: _Told, people: int) -> Iterator[Firing]:
    line = LINE_FEN * people
    annual, _ = told.sums(told.moments.update())
    before, _ = told.sums(told.moments.update(1))
    net, ref = told.sums(told.moments.rolling)
    if annual < line:
        yield Firing("R21")
    if net >= line > ref:
        yield Firing("R22")
    if before > 0 and (before - annual) * 100 >= before * 30 and annual * 10 < line * 12:
        yield Firing("R23")


def _earners(told: _Told) -> Sequence[Person]:
    """Those fit for work with the highest wage; all of them where nobody's wage is known."""
    wages = {p.id: told.latest("work.wages", p).get("wage_12m_fen", 0) for p in told.workers}
    return [p for p in told.workers if wages[p.id] == max(wages.values())]


def _nobody_works(states: Iterable[dict[str, Any]], told: _Told) -> bool:
    """By the departments' rows; by the ledger of resettlement where they say too little."""
    works = [state.get("is_working") for state in states]
    if any(works):
        return False
    if None not in works:
        return True
    ledger = told.rows("reform.resettlement")
    return bool(ledger) and ledger[-1].values["employed_count"] == 0


def _idle_months(state: dict[str, Any], on: date) -> int | None:
    """Whole months without work before the present one; None if nobody told."""
    if not state:
        return None
    if state["is_working"]:
        return 0
    last: date = state["last_work_month"]
    return (on.year * 12 + on.month) - (last.year * 12 + last.month) - 1


def _contract(values: Any, on: date) -> bool:
    signed, ends = values.get("signed_on"), values.get("ends_on")
    return signed is not None and signed <= on and (ends is None or on <= ends)


def _is_later_school(values: Any) -> bool:
    stage: str = values["study_stage"]
    return stage not in ("primary", "junior")


def _mended(values: Any, on: date) -> bool:
    repaired_on: date | None = values.get("repaired_on")
    return repaired_on is not None and repaired_on <= on


def _days_off(values: Any, on: date) -> int:
    """Days without water; while it is not back, up to the day of screening."""
    told: int = values.get("days_off") or 0
    if told == 0 or values.get("restored_on") is not None:
        return told
    off_since: date = values["event_date"]
    return max(told, (on - off_since).days)


def _is_disaster(values: Any) -> bool:
    loss_fen: int = values.get("disaster_loss_fen", 0)
    return values.get("house_damage", "none") != "none" or loss_fen >= 1_000_000
