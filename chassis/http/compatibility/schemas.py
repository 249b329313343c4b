"""Tell where one schema allows a value that another refuses.

That is the one question behind both directions. What clients send: everything that the old schema took must be taken by
the new one. What they receive: everything that the new one may answer must be what the old one promised. Only fields
differ: an answer may have more of them, since clients skip what they do not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from chassis.http.compatibility.alternatives import NAME, Node, alternatives, kinds_of, resolved

_LOWEST: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_HIGHEST: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME: Final = (
    "format",
    "pattern",
    "multipleOf",
    "contentMediaType",
    "contentEncoding",
    "uniqueItems",
    "propertyNames",
)
"""Restrictions of which two different ones are taken to exclude each other."""


class Way(StrEnum):
    """Which way a value goes."""

    SENT = "in requests"
    RECEIVED = "in answers"


@dataclass
class Comparison:
    """Schemas of two documents. Each pair of named ones is compared once for each way, and told under its name."""

    old: Node
    new: Node
    _known: dict[tuple[str, str, Way], list[str]] = field(default_factory=dict)

    def sent(self, old: Any, new: Any, where: str) -> Iterator[str]:
        """What of the old schema the new one no longer takes."""
        yield from self._fits(old, new, where, Way.SENT)

    def received(self, old: Any, new: Any, where: str) -> Iterator[str]:
        """What the new schema may answer that the old one did not promise."""
        yield from self._fits(new, old, where, Way.RECEIVED)

    def _documents(self, way: Way) -> tuple[Node, Node]:
        return (self.old, self.new) if way is Way.SENT else (self.new, self.old)

    def _fits(self, narrow: Any, wide: Any, where: str, way: Way) -> Iterator[str]:
        """Where ``narrow`` allows what ``wide`` does not."""
        for_narrow, for_wide = self._documents(way)
        ours = alternatives(resolved(narrow, for_narrow), for_narrow)
        theirs = alternatives(resolved(wide, for_wide), for_wide)
        for one in ours:
            yield from self._fits_one_of(one, theirs, where, way)

    def _fits_one_of(self, one: Node, others: list[Node], where: str, way: Way) -> Iterator[str]:
        candidates = [other for other in others if kinds_of(one) <= kinds_of(other)]
        if not candidates:
            kinds = " or ".join(sorted(kinds_of(one)))
            yield f"{where}: {kinds} {'is no longer taken' if way is Way.SENT else 'may now be answered'} ({way})"
            return
        yield from min((self._compare(one, other, where, way) for other in candidates), key=len)

    def _compare(self, narrow: Node, wide: Node, where: str, way: Way) -> list[str]:
        if NAME not in narrow or NAME not in wide:
            return list(self._differences(narrow, wide, where, way))
        pair = (narrow[NAME], wide[NAME], way)
        if pair not in self._known:
            self._known[pair] = []  # what leads back here has nothing to add
            where = wide[NAME] if way is Way.RECEIVED else narrow[NAME]
            self._known[pair] = list(self._differences(narrow, wide, where, way))
        return self._known[pair]

    def _differences(self, narrow: Node, wide: Node, where: str, way: Way) -> Iterator[str]:
        yield from _values(narrow, wide, where, way)
        yield from _bounds(narrow, wide, where, way)
        if "object" in kinds_of(narrow):
            yield from self._fields(narrow, wide, where, way)
        if "array" in kinds_of(narrow):
            yield from self._items(narrow, wide, where, way)

    def _fields(self, narrow: Node, wide: Node, where: str, way: Way) -> Iterator[str]:
        ours, theirs = narrow.get("properties", {}), wide.get("properties", {})
        gone = ours.keys() - theirs.keys() if way is Way.SENT else theirs.keys() - ours.keys()
        for name in sorted(gone):
            yield f"{where}/{name}: was removed ({way})"
        for name in sorted(set(wide.get("required", ())) - set(narrow.get("required", ())) - gone):
            told = "is required now" if way is Way.SENT else "was made optional; readers rely on it"
            yield f"{where}/{name}: {told} ({way})"
        for name in sorted(ours.keys() & theirs.keys()):
            yield from self._fits(ours[name], theirs[name], f"{where}/{name}", way)
        more, taken = narrow.get("additionalProperties", True), wide.get("additionalProperties", True)
        if isinstance(more, Mapping) and isinstance(taken, Mapping):
            yield from self._fits(more, taken, f"{where}/*", way)
        elif more not in (False, {}) and (isinstance(taken, Mapping) or (taken is False and way is Way.SENT)):
            yield f"{where}: takes other fields than before ({way})"

    def _items(self, narrow: Node, wide: Node, where: str, way: Way) -> Iterator[str]:
        ours, theirs = narrow.get("prefixItems", []), wide.get("prefixItems", [])
        if len(ours) != len(theirs):
            yield f"{where}: is a list of {len(theirs)} named places here and of {len(ours)} there ({way})"
            return
        for place, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from self._fits(one, other, f"{where}/{place}", way)
        if "items" in wide:
            yield from self._fits(narrow.get("items", {}), wide["items"], f"{where}/*", way)


def _values(narrow: Node, wide: Node, where: str, way: Way) -> Iterator[str]:
    listed = wide.get("enum")
    if listed is None:
        return
    given = narrow.get("enum")
    if given is None:
        told = "only listed values are taken now" if way is Way.SENT else "any value may be answered now"
        yield f"{where}: {told} ({way})"
        return
    for value in given:
        if value not in listed:
            told = "is no longer taken" if way is Way.SENT else "may now be answered; readers do not know it"
            yield f"{where}: {value!r} {told} ({way})"


def _bounds(narrow: Node, wide: Node, where: str, way: Way) -> Iterator[str]:
    if "enum" in narrow:  # listed values that are taken one by one need no bounds
        return
    for keyword in (*_LOWEST, *_HIGHEST, *_SAME):
        limit, given = wide.get(keyword), narrow.get(keyword)
        if limit is None or limit is False or given == limit:
            continue
        if given is not None and keyword in _LOWEST and given >= limit:
            continue
        if given is not None and keyword in _HIGHEST and given <= limit:
            continue
        before, after = (given, limit) if way is Way.SENT else (limit, given)
        yield f"{where}: {keyword} was {_said(before)} and is {_said(after)} ({way})"


def _said(limit: Any) -> str:
    return "not set" if limit is None else repr(limit)
