"""Give actions the values in force, from a cache that a revision number keeps true."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database.pipeline import Statement
from chassis.errors import Fault, Message, StateRefused
from chassis.parameters.catalogue import Catalogue, ParameterType
from chassis.parameters.queries import current_revision, rows_around
from chassis.parameters.rules import NATION, ParameterRow, ParameterState, resolve
from chassis.security.scope import Level, level_of

COUNTIES_MAX: Final = 256
REVISION: Final = Statement("SELECT coalesce(max(revision), 0) AS revision FROM parameter_revision")


class ParameterMissing(StateRefused):
    code, status = "parameter_missing", 409
    title = Message(
        "本地区在该日期没有生效的参数值，请先提出并批准。",
        "No value of a parameter is in force here on that day; have one proposed and approved first.",
    )


class ParameterBook:
    """The active values around and within one county, at one revision. Immutable."""

    def __init__(self, catalogue: Catalogue, rows: Iterable[ParameterRow], *, revision: int) -> None:
        self.revision = revision
        self._catalogue = catalogue
        self._by_key: dict[str, list[ParameterRow]] = {}
        for row in rows:
            if row.state is ParameterState.ACTIVE:
                self._by_key.setdefault(row.key, []).append(row)

    def row(self, key: str, *, region: int, on: date) -> ParameterRow:
        """The row in force, so that a decision can keep its id, value and source.

        :raises UnknownParameter: for a key that the service did not declare.
        :raises ParameterMissing: if no scope has a value in force.
        """
        self._catalogue.definition(key)
        found = resolve(self._by_key.get(key, ()), key, region=region, on=on)
        if found is None:
            message = Message(f"参数 {key} 在 {on} 没有生效的值。", f"Parameter {key} has no value in force on {on}.")
            raise ParameterMissing(faults=[Fault("", key, message)])
        return found

    def integer(self, key: str, *, region: int, on: date) -> int:
        """A whole number in the parameter's unit."""
        value: int = self._value(key, ParameterType.INTEGER, region, on)
        return value

    def money_fen(self, key: str, *, region: int, on: date) -> int:
        """An amount in 分."""
        value: int = self._value(key, ParameterType.MONEY, region, on)
        return value

    def text(self, key: str, *, region: int, on: date) -> str:
        value: str = self._value(key, ParameterType.TEXT, region, on)
        return value

    def boolean(self, key: str, *, region: int, on: date) -> bool:
        value: bool = self._value(key, ParameterType.BOOLEAN, region, on)
        return value

    def items(self, key: str, *, region: int, on: date) -> tuple[str, ...]:
        return tuple(self._value(key, ParameterType.LIST, region, on))

    def _value(self, key: str, kind: ParameterType, region: int, on: date) -> Any:
        declared = self._catalogue.definition(key).type
        if declared is not kind:
            raise TypeError(f"parameter {key} is a {declared}, not a {kind}")
        return self.row(key, region=region, on=on).value


class ParameterReader:
    """One per program. Reads a county's book once per revision."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._books: OrderedDict[int, ParameterBook] = OrderedDict()

    def kept(self, region: int) -> ParameterBook | None:
        """What was read last for ``region``, true only at its own revision: compare that with :data:`REVISION`."""
        return self._books.get(_county_of(region))

    async def book(self, connection: AsyncConnection, region: int) -> ParameterBook:
        """The values for ``region`` and whatever lies in its county, or for the nation, true in this transaction: one
        short look-up, and the rows themselves only after a change."""
        place = _county_of(region)
        revision = await current_revision(connection)
        book = self._books.get(place)
        if book is None or book.revision != revision:
            # Rows may be newer than the revision read before them; then the next look-up reads them once more.
            within = place != NATION and level_of(place) >= Level.COUNTY
            rows = await rows_around(connection, place, within=within)
            book = self._books[place] = ParameterBook(self._catalogue, rows, revision=revision)
        self._books.move_to_end(place)
        while len(self._books) > COUNTIES_MAX:
            self._books.popitem(last=False)
        return book


def _county_of(region: int) -> int:
    unit = 10 ** (12 - Level.COUNTY)
    return region if region == NATION or level_of(region) < Level.COUNTY else region // unit * unit
