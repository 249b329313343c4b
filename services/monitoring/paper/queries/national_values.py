"""What the registry says in the words of the national form's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from chassis.security.vault import Vault
from chassis.types import fen_to_yuan
from services.monitoring.codes.code_list import CodeList
from services.monitoring.codes.income import IncomeLineKind
from services.monitoring.codes.monitoring import Risk
from services.monitoring.codes.work_and_school import Health
from services.monitoring.national.contract import CODES, MEASURES, PARTS, TOTALS
from services.monitoring.paper.queries import numbers

_KIND: Final = {kind: name for name, kind in PARTS.items()}


def household_values(
    row: Any,
    *,
    phone: str,
    town: str,
    village: str,
    contact: str,
    year: int,
    income_fen: Mapping[str, int],
    measures: Iterable[Any],
    visit: Any,
    case: Any,
) -> dict[str, str]:
    """The household's columns as texts; an empty one is not on record.

    :param income_fen: sums by kind of line over the annual window that ends in ``year``.
    :param visit: the last one that it had; None without one.
    :param case: its latest case, for what a household's own row does not say; None without one.
    """
    told = {
        "household_no": row.national_no or "",
        "region": f"{row.region:012d}",
        "town": town,
        "village": village,
        "registration_region": f"{row.registration_region:012d}",
        "address": row.address or "",
        "phone": phone,
        "is_lifted": _yes(row.is_lifted),
        "lifted_year": "" if row.lifted_year is None else str(row.lifted_year),
        "is_resettled": _yes(row.is_resettled),
        "land_mu": "" if row.land_mu_hundredths is None else fen_to_yuan(row.land_mu_hundredths),  # two decimals too
        "monitoring_type": _label("monitoring_type", row.monitoring_type),
        "registered_on": _day(row.registered_on),
        "eliminated_on": _day(row.eliminated_on),
        "elimination_mode": _label("elimination_mode", row.elimination_mode),
        "contact": contact,
        "risks": "、".join(Risk(one).label for one in row.risks),
        "disaster_kind": "" if case is None else _label("disaster_kind", case.disaster_kind),
        "risk_note": "" if case is None else case.risk_note or "",
    }
    return told | _income(income_fen, year) | _measures(measures) | _visit(visit)


def member_values(vault: Vault, row: Any, *, whole: bool) -> dict[str, str]:
    """A member's columns as texts."""
    coded = ("labour_skill", "education", "school_stage", "sex", "marriage", "ethnicity", "relation")
    return {name: _label(name, getattr(row, name)) for name in coded} | {
        "person_no": row.national_no or "",
        "name": row.name,
        "identity_number": numbers.identity_number(vault, row, whole=whole),
        "no_number_reason": row.no_number_reason or "",
        "health": "、".join(Health(one).label for one in row.health),
        "birth_date": _day(row.birth_date),
        "disability_number": numbers.disability_number(vault, row, whole=whole),
        "person_phone": numbers.phone(vault, row.phone, row=row.id, whole=whole),
        "is_insured": _yes(row.is_insured),
        "is_left_behind": _yes(row.is_left_behind),
    }


def _income(by_kind: Mapping[str, int], year: int) -> dict[str, str]:
    """Totals of groups with their parts; what a source states of a group as a whole is in its total alone."""
    if not by_kind:
        return {}
    told = {"income_year": str(year)}
    for name, group in TOTALS.items():
        own = [fen for kind, fen in by_kind.items() if IncomeLineKind(kind).group is group]
        if own:
            told[name] = fen_to_yuan(sum(own))
    for kind, fen in by_kind.items():
        part = _KIND.get(IncomeLineKind(kind))
        if part is not None:
            told[part] = fen_to_yuan(fen)
    return told


def _measures(found: Iterable[Any]) -> dict[str, str]:
    """One measure of each kind, as the form has room for: from the first day to the last, with the sum."""
    by_kind: dict[str, list[Any]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one)
    told: dict[str, str] = {}
    for columns in MEASURES:
        own: Sequence[Any] = by_kind.get(columns.kind.value, ())
        if not own:
            continue
        told[columns.started_on] = _day(min(one.started_on for one in own))
        if all(one.ended_on is not None for one in own):
            told[columns.ended_on] = _day(max(one.ended_on for one in own))
        if amounts := [one.amount_fen for one in own if one.amount_fen is not None]:
            told[columns.amount] = fen_to_yuan(sum(amounts))
    return told


def _visit(last: Any) -> dict[str, str]:
    if last is None:
        return {}
    return {
        "visited_on": _day(last.visited_on),
        "visit_way": _label("visit_way", last.way),
        "visit_findings": last.findings or "",
    }


def _label(column: str, code: str | None) -> str:
    codes: type[CodeList] = CODES[column]
    return "" if code is None else codes(code).label


def _yes(value: bool | None) -> str:  # noqa: FBT001  # a stored fact, not a switch
    return "" if value is None else "是" if value else "否"


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()
