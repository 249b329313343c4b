"""Declare which parameters a service knows: key, type, unit, bounds, meaning, and the values it starts with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from chassis.errors import Fault, InvalidInput, Message
from chassis.parameters.rules import NATION
from chassis.types import fen_to_yuan

TEXT_LENGTH_MAX: Final = 500
LIST_LENGTH_MAX: Final = 200
_INTEGER_MAX: Final = 10**15
_UNIT_MAX: Final[Mapping[str, int]] = {
    "小时": 876_600, "天": 36_525, "月": 1_200, "年": 150, "岁": 150, "周岁": 150, "%": 10_000,
}  # fmt: skip
"""A bound of the calendar and of integers, not of policy: a day counted with more would lie where no calendar goes."""
_KEY: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


class ParameterType(StrEnum):
    """How a value is written. A share is a whole number in a unit such as 百分之一 or 万分之一, never a fraction."""

    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"
    MONEY = "money"
    LIST = "list"


class UnknownParameter(InvalidInput):
    code, status = "unknown_parameter_key", 422
    title = Message("没有这个参数，请从参数目录中选择。", "There is no such parameter; choose a key of the catalogue.")


@dataclass(frozen=True, slots=True)
class Default:
    """A value that a release brings along, for the nation unless it says otherwise.

    :param value: money in 分; ``source``: the document it is taken from, or why it was chosen.
    :param effective_to: last day, None while open.
    """

    value: Any
    source: str
    effective_from: date
    effective_to: date | None = None
    scope: int = NATION


@dataclass(frozen=True, slots=True)
class Definition:
    """One parameter.

    :param key: dotted lower-case name, such as ``cases.verify.days``.
    :param unit: Chinese name of the unit, such as ``天``, ``元/人·年``; empty for texts and switches.
    :param minimum: least integer or 分; of a list, the least number of items. ``maximum`` likewise; a whole number of
        days, months or per cent is bounded in any case, to some hundred years and a hundredfold.
    :param choices: the texts, or items of a list, that are allowed; empty for any.
    :param check: what else a value must be: why one cannot be taken, or None. Called once its type is right.
    """

    key: str
    type: ParameterType
    unit: str
    meaning: Message
    minimum: int | None = None
    maximum: int | None = None
    choices: tuple[str, ...] = ()
    defaults: tuple[Default, ...] = field(default=())
    check: Callable[[Any], Message | None] | None = None

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"{self.key!r} is no parameter key")
        for default in self.defaults:
            fault = self.fault(default.value)
            if fault is not None:
                raise ValueError(f"{self.key}: default from {default.effective_from}: {fault.message.en}")

    def default_id(self, default: Default) -> UUID:
        """The row of a default: the same in every database and at every start."""
        return uuid5(NAMESPACE_URL, f"urn:xianjie:parameter:{self.key}:{default.scope}:{default.effective_from}")

    def fault(self, value: Any, *, pointer: str = "/value") -> Fault | None:
        """Why ``value`` cannot be taken, or None."""
        problem = _CHECKS[self.type](self, value)
        if problem is None and self.check is not None:
            problem = self.check(value)
        return None if problem is None else Fault(pointer, "parameter_value", problem)


class Catalogue:
    """The parameters that a service knows."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        """:raises ValueError: if a key is declared twice."""
        self._by_key: dict[str, Definition] = {}
        for definition in definitions:
            if definition.key in self._by_key:
                raise ValueError(f"parameter {definition.key} is declared twice")
            self._by_key[definition.key] = definition

    def __iter__(self) -> Iterator[Definition]:
        yield from (self._by_key[key] for key in sorted(self._by_key))

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    def definition(self, key: str, *, pointer: str = "/key") -> Definition:
        """The definition of ``key``, which the request has at ``pointer``.

        :raises UnknownParameter: for a key that nobody declared.
        """
        try:
            return self._by_key[key]
        except KeyError:
            raise UnknownParameter(faults=[Fault(pointer, "unknown_parameter_key", UnknownParameter.title)]) from None

    def check(self, key: str, value: Any) -> Definition:
        """The definition of ``key``, if ``value`` is one for it.

        :raises UnknownParameter: for a key that nobody declared.
        :raises InvalidInput: saying what the value must be.
        """
        definition = self.definition(key)
        fault = definition.fault(value)
        if fault is not None:
            raise InvalidInput(faults=[fault])
        return definition


def _bounds(definition: Definition, number: int, *, show: Any = str) -> Message | None:
    low, high = definition.minimum, definition.maximum
    if low is not None and number < low:
        return Message(f"不得小于 {show(low)}{definition.unit}。", f"Give {show(low)} {definition.unit} or more.")
    if high is not None and number > high:
        return Message(f"不得大于 {show(high)}{definition.unit}。", f"Give {show(high)} {definition.unit} or less.")
    return None


def _integer(definition: Definition, value: Any) -> Message | None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _INTEGER_MAX:
        return Message("此参数为整数。", "This parameter is a whole number.")
    if definition.maximum is None:
        definition = replace(definition, maximum=_UNIT_MAX.get(definition.unit), defaults=(), check=None)
    return _bounds(definition, value)


def _money(definition: Definition, value: Any) -> Message | None:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _INTEGER_MAX:
        return Message("此参数为金额。", "This parameter is an amount of money.")
    return _bounds(definition, value, show=fen_to_yuan)


def _text(definition: Definition, value: Any) -> Message | None:
    if not isinstance(value, str) or not value or len(value) > TEXT_LENGTH_MAX:
        return Message("此参数为文本。", "This parameter is a text.")
    return _choice(definition, [value])


def _boolean(_definition: Definition, value: Any) -> Message | None:
    return None if isinstance(value, bool) else Message("此参数为是或否。", "This parameter is true or false.")


def _list(definition: Definition, value: Any) -> Message | None:
    if (
        not isinstance(value, list)
        or len(value) > LIST_LENGTH_MAX
        or any(not isinstance(item, str) or not item or len(item) > TEXT_LENGTH_MAX for item in value)
        or len(set(value)) != len(value)
    ):
        return Message("此参数为不重复的文本列表。", "This parameter is a list of texts, each once.")
    low, high = definition.minimum, definition.maximum
    if (low is not None and len(value) < low) or (high is not None and len(value) > high):
        return Message(
            f"项数应为 {low or 0} 至 {high or LIST_LENGTH_MAX}。",
            f"Give {low or 0} to {high or LIST_LENGTH_MAX} items.",
        )
    return _choice(definition, value)


def _choice(definition: Definition, values: list[str]) -> Message | None:
    if definition.choices and not set(values) <= set(definition.choices):
        return Message(f"可选值：{'、'.join(definition.choices)}。", f"Choose from: {', '.join(definition.choices)}.")
    return None


_CHECKS: Final[Mapping[ParameterType, Any]] = {
    ParameterType.INTEGER: _integer,
    ParameterType.TEXT: _text,
    ParameterType.BOOLEAN: _boolean,
    ParameterType.MONEY: _money,
    ParameterType.LIST: _list,
}
