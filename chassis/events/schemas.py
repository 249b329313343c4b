"""Keep each event type's JSON Schema, with an example beside it, as a product that changes only by intention.

``<folder>/<wire type>.json`` is the schema, ``<wire type>.example.json`` the data of one event. :func:`check` is for
``make check``; :func:`write` brings the files up to date and refuses a change that would break a reader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import ValidationError

from chassis.events.compatibility import breaks
from chassis.events.event import Event

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_FORMATS: Final = {
    "uuid": "01900000-0000-7000-8000-000000000001",
    "date": "2024-06-03",
    "date-time": "2024-06-03T01:00:00Z",
    "time": "09:00:00",
}
_TYPES: Final[Mapping[str, Any]] = {"string": "text", "boolean": True, "null": None, "array": [], "object": {}}


class SchemaBroken(Exception):
    """A published event type would change in a way that its readers could trip over."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of what ``event`` looks like on the wire."""
    # Validation mode: in the other one a field with a default counts as always present, which older events belie.
    schema = event.model_json_schema(mode="validation")
    return {"$schema": DIALECT, "$id": f"urn:xianjie:event:{event.wire_type()}", **schema}


def example_of(event: type[Event]) -> dict[str, Any]:
    """The data of one event, made from the fields' ``examples``, defaults and types; always the same.

    :raises ValueError: if that gives no valid event: the field needs ``Field(examples=[…])``.
    """
    schema = schema_of(event)
    example = {name: _value(part, schema) for name, part in schema.get("properties", {}).items()}
    try:
        made: dict[str, Any] = event.model_validate(example).model_dump(mode="json")
    except ValidationError as error:
        names = sorted({"/".join(map(str, found["loc"])) for found in error.errors(include_input=False)})
        raise ValueError(f"{event.__name__}: give Field(examples=[…]) to {', '.join(names)}") from None
    return made


def check(events: Iterable[type[Event]], folder: Path) -> list[str]:
    """What stands between the classes and the files in ``folder``, a sentence each; empty if they agree."""
    classes = {event.wire_type(): event for event in events}
    problems: list[str] = []
    for wire_type, event in sorted(classes.items()):
        path = folder / f"{wire_type}.json"
        if not path.exists():
            problems.append(f"{wire_type}: has no schema file; write the schemas and commit them")
        elif broken := _breaks(event, folder):
            problems.extend(broken)
        elif path.read_bytes() != _text(schema_of(event)) or not _holds_example(event, folder):
            problems.append(f"{wire_type}: its files are not of today's class; write the schemas and commit them")
    for path in sorted(folder.glob("*.json")):
        wire_type = path.name.removesuffix(".json").removesuffix(".example")
        if wire_type not in classes:
            problems.append(f"{path.name}: belongs to no event class; a published type stays until nobody reads it")
    return problems


def write(events: Iterable[type[Event]], folder: Path) -> list[Path]:
    """Write what changed, and return those paths.

    :raises SchemaBroken: if a class is no longer compatible with its file; nothing is written then.
    """
    classes = list(events)
    if problems := [problem for event in classes for problem in _breaks(event, folder)]:
        raise SchemaBroken(problems)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for event in classes:
        contents = {f"{event.wire_type()}.json": schema_of(event)}
        if not _holds_example(event, folder):
            contents[f"{event.wire_type()}.example.json"] = example_of(event)
        for name, content in contents.items():
            path = folder / name
            if not path.exists() or path.read_bytes() != _text(content):
                path.write_bytes(_text(content))
                written.append(path)
    return written


def _breaks(event: type[Event], folder: Path) -> list[str]:
    path, example = folder / f"{event.wire_type()}.json", folder / f"{event.wire_type()}.example.json"
    advice = f"make it {event.wire_type().rsplit('.', 1)[0]}.v{event.version + 1} beside this one"
    found = breaks(orjson.loads(path.read_bytes()), schema_of(event)) if path.exists() else []
    if example.exists() and not _reads(event, orjson.loads(example.read_bytes())):
        found.append("the committed example can no longer be read")
    return [f"{event.wire_type()}: {problem}; {advice}" for problem in found]


def _holds_example(event: type[Event], folder: Path) -> bool:
    """Whether a committed example shows every field; one written by hand is kept."""
    path = folder / f"{event.wire_type()}.example.json"
    return path.exists() and set(orjson.loads(path.read_bytes())) == set(event.model_fields)


def _reads(event: type[Event], data: Any) -> bool:
    try:
        event.model_validate(data)
    except ValidationError:
        return False
    return True


def _text(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _value(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        schema = {**root["$defs"][schema["$ref"].removeprefix("#/$defs/")], **schema}
    for keyword in ("examples", "enum", "anyOf", "allOf"):
        if schema.get(keyword):
            first = schema[keyword][0]
            return _value(first, root) if keyword in ("anyOf", "allOf") else first
    for keyword in ("const", "default"):
        if schema.get(keyword) is not None:
            return schema[keyword]
    return _of_type(schema, root)


def _of_type(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if "format" in schema and kind == "string":
        return _FORMATS.get(schema["format"], "text")
    if kind in ("integer", "number"):
        return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    if kind == "array" and "items" in schema:
        return [_value(schema["items"], root)]
    if kind == "object" and "properties" in schema:
        return {name: _value(part, root) for name, part in schema["properties"].items()}
    return _TYPES.get(str(kind), "text")
