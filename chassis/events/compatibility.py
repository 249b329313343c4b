"""Find what a new schema of an event type would break for readers of the old one, or for old events read anew.

Readers and producers are deployed one after the other, and an outbox keeps events for years: old readers meet new
events and new readers old ones. So a published type only ever gains optional fields; anything else is a new version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_SPOKEN: Final = frozenset({"title", "description", "examples", "default", "$schema", "$id", "$defs", "$comment"})
"""Keywords that tell people something and change nothing that a reader relies on."""
_STRUCTURE: Final = frozenset({"properties", "required", "items", "anyOf", "additionalProperties", "prefixItems"})
_DEPTH_MAX: Final = 20


def breaks(old: Schema, new: Schema) -> list[str]:
    """One sentence for each difference that a reader could trip over; empty if ``new`` may replace ``old``."""
    return list(_compare(old, new, (old, new), "", _DEPTH_MAX))


def _compare(old: Schema, new: Schema, roots: tuple[Schema, Schema], path: str, depth: int) -> Iterator[str]:
    old, new = _resolved(old, roots[0]), _resolved(new, roots[1])
    where = path or "the event"
    if depth == 0:
        yield f"{where}: is nested too deeply to be compared"
        return
    for keyword in sorted((old.keys() | new.keys()) - _SPOKEN - _STRUCTURE):
        if old.get(keyword) != new.get(keyword):
            yield f"{where}: {keyword} changed from {old.get(keyword)!r} to {new.get(keyword)!r}"
    yield from _compare_fields(old, new, roots, path, depth)
    yield from _compare_parts(old, new, roots, path, depth)


def _compare_fields(old: Schema, new: Schema, roots: tuple[Schema, Schema], path: str, depth: int) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(before.keys() - after.keys()):
        yield f"{path}/{name}: was removed"
    for name in sorted(needed_after - needed_before):
        yield f"{path}/{name}: was made required; events of before lack it"
    for name in sorted((needed_before - needed_after) & after.keys()):
        yield f"{path}/{name}: was made optional; readers of before rely on it"
    for name in sorted(before.keys() & after.keys()):
        yield from _compare(before[name], after[name], roots, f"{path}/{name}", depth - 1)


def _compare_parts(old: Schema, new: Schema, roots: tuple[Schema, Schema], path: str, depth: int) -> Iterator[str]:
    for keyword in ("items", "additionalProperties"):
        before, after = old.get(keyword), new.get(keyword)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            yield from _compare(before, after, roots, f"{path}/*", depth - 1)
        elif before != after:
            yield f"{path or 'the event'}: {keyword} changed"
    for keyword in ("anyOf", "prefixItems"):
        before, after = old.get(keyword, ()), new.get(keyword, ())
        if len(before) != len(after):
            yield f"{path or 'the event'}: takes {len(after)} kinds of value instead of {len(before)}"
            continue
        for one, other in zip(before, after, strict=True):
            yield from _compare(one, other, roots, path, depth - 1)


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema behind a ``$ref`` into ``$defs``, with the keywords beside it."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    named = root["$defs"][str(reference).removeprefix("#/$defs/")]
    return {**named, **{name: value for name, value in schema.items() if name != "$ref"}}
