"""Describe a register completely: what it keeps, who may record, what feeds it, what is amiss and whose duty that is.

A register is one value of :class:`Register`, beside its table in :mod:`.kinds`; everything else (models of the API,
lists, exports, feeding, findings, the way of a moved household) is made from the description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal

from chassis.errors import Fault, Message
from chassis.exports.columns import ExportType
from chassis.security.scope import FIELD, Role
from services.monitoring.base import Table
from services.monitoring.codes.code_list import CodeList

Lookup = Callable[[str, date], Any]
"""The value of a parameter that is in force in the county on a day, by its key."""

Checks = Callable[[Mapping[str, Any], date, Lookup], Sequence[Fault]]
"""Everything against what somebody would record: the fields by name, the fact's first day, and the parameters."""

LOCAL: Final = frozenset({Role.COUNTY_OFFICER, Role.TOWN_OFFICER}) | FIELD
"""Who works with these households, and may record what they see there."""

TOWN: Final = frozenset({Role.COUNTY_OFFICER, Role.TOWN_OFFICER})

# Conditions of findings are about the fact f, its household h and, where it is a person's, its person p.
CURRENT: Final = "(f.holds_from <= :today AND (f.holds_to IS NULL OR f.holds_to >= :today))"


def is_latest(table: str, same: str, *, unless: str = "false", is_event: bool = False) -> str:
    """SQL: no later fact of ``table``, by day and then by when it was recorded, is about the same thing as ``f``.

    A department and the town may both speak of one house or child: what was said last counts, whoever said it.

    :param same: which facts ``later`` are about the same thing. :param unless: which of them count for nothing.
    :param is_event: a later one counts though it was over on its own day; else only one that holds today.
    """
    holds = "true" if is_event else "(later.holds_to IS NULL OR later.holds_to >= :today)"
    return f"""NOT EXISTS (
        SELECT FROM {table} AS later
        WHERE {same} AND later.replaced_at IS NULL AND later.holds_from <= :today AND {holds} AND NOT ({unless})
          AND (later.holds_from, later.recorded_at) > (f.holds_from, f.recorded_at))"""


SAME_HOUSE: Final = "later.household_id = f.household_id AND later.house_no = f.house_no"
"""For :func:`is_latest`: facts of one house of a household."""


class FactGrain(StrEnum):
    """What one fact is about."""

    PERSON = "person"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactField:
    """One column of a register's own.

    :ivar kind: money is 分 in the database and 元 outside. :ivar codes: of a coded text.
    :ivar unit: Chinese name of an integer's unit, or empty. :ivar maximum: of a number, or of the signs of a text.
    :ivar names_somebody: a name, which is masked wherever the person's own is.
    """

    name: str
    label: Message
    kind: ExportType = ExportType.TEXT
    codes: type[CodeList] | None = None
    required: bool = False
    unit: str = ""
    maximum: int | None = None
    names_somebody: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """台账问题: a condition of a fact that somebody has to see to.

    :ivar duty: the department that owes it, see :mod:`services.monitoring.datasets.contracts.departments`.
    :ivar condition: SQL over ``f``, ``h`` and ``p``, with ``:today`` and the names of ``parameters``.
    :ivar parameters: name in the condition → key of the parameter, as in force today.
    """

    code: str
    label: Message
    duty: str
    condition: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What another noun keeps, with findings that stand among the registers' own: one list for who owes them.

    :ivar code: stands in ``register_finding`` where a register's does. :ivar findings: their conditions are about the
        noun's row f, the household h and the person p. :ivar guards_children: as a :class:`Register`'s.
    """

    code: str
    findings: tuple[FindingRule, ...]
    guards_children: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """How department records, or the registry, become facts.

    :ivar datasets: the contracts whose change feeds it anew.
    :ivar select: one SELECT that gives ``household_id, region, person_id, fact_key, holds_from, holds_to,
        source_record, source_batch`` and the register's own columns, typed, for the town ``:lo`` to ``:hi`` of
        ``:county`` on ``:today``. ``fact_key`` says which fact it is from batch to batch.
    :ivar source: ``department`` if each fact is one department's row, ``computed`` if it is worked out from several.
    :ivar scope: which present facts ``f`` the SELECT speaks for; what it no longer gives of them is withdrawn.
    :ivar binds: further values, from the county's parameters and the day.
    :ivar daily: fed by the nightly sweep too, since days or the registry change it.
    """

    datasets: tuple[str, ...]
    select: str
    source: Literal["department", "computed"] = "department"
    scope: str = "true"
    binds: Callable[[Lookup, date], Mapping[str, Any]] = lambda _lookup, _today: {}
    daily: bool = False


def _nothing(_values: Mapping[str, Any], _on: date, _lookup: Lookup) -> Sequence[Fault]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """One register.

    :ivar code: stable; it stands in paths, files and ``register_finding``.
    :ivar clause: the policy that it comes from, in our words or by its number.
    :ivar recorders: roles that may record facts by hand; nobody where every fact comes from elsewhere.
    :ivar tells_health: shown to who has a case to work on, and to nobody else (clause F1).
    :ivar guards_children: who is under 14 is named to nobody without a guardian's consent (clause F6).
    :ivar ends_the_same_day: a fact is an event of one day, so ``holds_to`` is its ``holds_from``.
    """

    code: str
    title: Message
    clause: str
    grain: FactGrain
    table: type[Table]
    fields: tuple[FactField, ...]
    recorders: frozenset[Role] = frozenset()
    feed: Feed | None = None
    findings: tuple[FindingRule, ...] = ()
    checks: Checks = _nothing
    tells_health: bool = False
    guards_children: bool = False
    ends_the_same_day: bool = False

    @property
    def kind(self) -> str:
        """What the change feed calls its facts."""
        return f"register_{self.code}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of its own columns."""
        return tuple(one.name for one in self.fields)
