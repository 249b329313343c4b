"""Write a JSON Schema as plain ones of one kind each: references followed, ``allOf`` merged, ``anyOf`` spread out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

Node = Mapping[str, Any]

NAME: Final = "$name"
"""Under this keyword, which is no keyword of JSON Schema, a schema keeps the name that it was referred to by."""

_REFERENCE: Final = "#/"
_CHOICES: Final = ("anyOf", "oneOf")
_KINDS: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_KIND_OF: Final = {
    bool: "boolean", dict: "object", float: "number", int: "integer", list: "array", str: "string", type(None): "null"
}  # fmt: skip


def resolved(schema: Any, document: Node) -> Node:
    """The schema behind its reference, with the keywords beside it. ``True`` allows everything, ``False`` nothing."""
    if isinstance(schema, bool):
        return {} if schema else {"enum": []}
    while "$ref" in schema:
        target: Any = document
        reference = str(schema["$ref"])
        for part in reference.removeprefix(_REFERENCE).split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        schema = {**target, NAME: reference.rpartition("/")[2], **beside}
    return schema  # type: ignore[no-any-return]


def alternatives(schema: Node, document: Node) -> list[Node]:
    """Plain schemas, each of one kind of value where kinds are told, of which a value needs to fit one."""
    merged = _merged([schema, *(resolved(part, document) for part in schema.get("allOf", ()))])
    choice = next((name for name in _CHOICES if name in merged), None)
    if choice is not None:
        beside = {name: value for name, value in merged.items() if name != choice}
        parts = (_merged([beside, resolved(part, document)]) for part in merged[choice])
        return [plain for part in parts for plain in alternatives(part, document)]
    if "const" in merged:
        merged = {**merged, "enum": [merged["const"]]}
    kinds = merged.get("type")
    return [{**merged, "type": kind} for kind in kinds] if isinstance(kinds, list) else [merged]


def kinds_of(schema: Node) -> frozenset[str]:
    """The kinds of value that a plain schema allows; an integer is a number too."""
    if "type" in schema:
        kinds = frozenset({schema["type"]})
    elif "enum" in schema:
        kinds = frozenset(_KIND_OF[type(value)] for value in schema["enum"])
    else:
        return _KINDS
    return kinds | {"integer"} if "number" in kinds else kinds


def _merged(parts: Iterable[Node]) -> Node:
    """One schema that asks for what all of them ask; of two other keywords the later one counts."""
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            if name == "allOf":
                continue
            if name == "properties":
                value = {**whole.get(name, {}), **value}
            elif name == "required":
                value = sorted({*whole.get(name, ()), *value})
            whole[name] = value
    return whole
