"""Derive an OpenAPI 3.0.3 document from ours of 3.1, for generators that stumble over 3.1.

3.0 has a JSON Schema dialect of its own: no ``null`` type but ``nullable``, one type per schema, boolean exclusive
bounds, no ``const``, one ``example``, nothing beside ``$ref``. What 3.0 cannot say is left out, so that the derived
schema accepts whatever the 3.1 schema accepts. A nullable reference becomes ``nullable`` beside ``allOf``, as
generators read it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gateway.contract_document.join import METHODS

Node = dict[str, Any]

_ALIKE: Final = frozenset(
    {
        *("title", "description", "default", "deprecated", "example", "nullable", "readOnly", "writeOnly"),
        *("format", "enum", "multipleOf", "maximum", "minimum", "maxLength", "minLength", "pattern"),
        *("maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required"),
        *("discriminator", "xml", "externalDocs"),
    }
)
_ANNOTATIONS: Final = frozenset({"title", "description", "default", "example", "deprecated", "nullable"})
_OF_SCHEMAS: Final = ("allOf", "anyOf", "oneOf")
_COMPONENTS: Final = (
    *("schemas", "responses", "parameters", "examples", "requestBodies", "headers"),
    *("securitySchemes", "links", "callbacks"),
)


def derive(document: Node) -> Node:
    """The 3.0.3 form; ``document`` is not changed."""
    converted = {key: value for key, value in document.items() if key not in ("webhooks", "jsonSchemaDialect")}
    converted["openapi"] = "3.0.3"
    converted["info"] = _without(document["info"], "summary")
    if "license" in converted["info"]:
        converted["info"]["license"] = _without(converted["info"]["license"], "identifier")
    converted["paths"] = {path: _path_item(item) for path, item in document.get("paths", {}).items()}
    components = document.get("components", {})
    converted["components"] = {section: _section(section, components[section]) for section in _COMPONENTS
                               if section in components}  # fmt: skip
    return converted


def schema(given: Any) -> Node:
    """One schema of 3.1 as 3.0.3 says it."""
    if isinstance(given, bool):
        return {} if given else {"not": {}}
    if "$ref" in given:
        return _reference(given)
    result: Node = {key: value for key, value in given.items() if key in _ALIKE or key.startswith("x-")}
    for step in (_types, _alternatives, _constant, _bounds, _children, _items, _content, _example):
        step(given, result)
    return result


def _reference(given: Node) -> Node:
    reference = {"$ref": given["$ref"]}
    beside = {key: value for key, value in given.items() if key != "$ref"}
    if not beside:
        return reference
    rest = schema(beside)
    return {**rest, "allOf": [reference, *rest.get("allOf", [])]} if rest else reference


def _types(given: Node, result: Node) -> None:
    stated = given.get("type")
    types = [stated] if isinstance(stated, str) else list(stated or [])
    if "null" in types:
        types.remove("null")
        result["nullable"] = True
        if not types:
            result["enum"] = [None]
    if len(types) == 1:
        result["type"] = types[0]
    elif types:
        result.pop("nullable", None)
        nullable = {"nullable": True} if "null" in (stated or []) else {}
        result["anyOf"] = [{"type": name, **({"items": {}} if name == "array" else {}), **nullable} for name in types]


def _alternatives(given: Node, result: Node) -> None:
    if "not" in given:
        result["not"] = schema(given["not"])
    for key in _OF_SCHEMAS:
        if key not in given:
            continue
        others = [part for part in given[key] if not _is_null(part)]
        has_null = len(others) < len(given[key]) and key != "allOf"
        parts = [schema(part) for part in others]
        if has_null:
            result["nullable"] = True
        if not parts:
            result["enum"] = [None]
        elif has_null and len(parts) == 1:
            _merge(parts[0], result)
        elif key in result:  # already made of a list of types
            result["allOf"] = [*result.get("allOf", []), {key: result.pop(key)}, {key: parts}]
        else:
            result[key] = parts


def _merge(part: Node, result: Node) -> None:
    """Say the only alternative beside null in the schema itself; what both say of themselves, the outer one says."""
    if "$ref" in part or (part.keys() & result.keys()) - _ANNOTATIONS:
        result["allOf"] = [*result.get("allOf", []), part]
    else:
        result.update({key: value for key, value in part.items() if key not in result})


def _is_null(part: Any) -> bool:
    return isinstance(part, dict) and (part.get("type") == "null" or ("const" in part and part["const"] is None))


def _constant(given: Node, result: Node) -> None:
    if "const" in given:
        result["enum"] = [given["const"]]
        if given["const"] is None:
            result["nullable"] = True
    if None in result.get("enum", []):
        result["nullable"] = True
    elif result.get("nullable") and "enum" in result:
        result["enum"] = [*result["enum"], None]


def _bounds(given: Node, result: Node) -> None:
    bounds: tuple[tuple[str, str, Callable[[float, float], bool]], ...] = (
        ("minimum", "exclusiveMinimum", lambda inclusive, exclusive: inclusive > exclusive),
        ("maximum", "exclusiveMaximum", lambda inclusive, exclusive: inclusive < exclusive),
    )
    for inclusive, exclusive, is_stricter in bounds:
        if exclusive not in given or (inclusive in given and is_stricter(given[inclusive], given[exclusive])):
            continue
        result[inclusive] = given[exclusive]
        result[exclusive] = True


def _children(given: Node, result: Node) -> None:
    if "properties" in given:
        result["properties"] = {name: schema(part) for name, part in given["properties"].items()}
    patterns = given.get("patternProperties")
    rest = given.get("additionalProperties", True if patterns is None else None)
    if patterns and rest in (None, False):
        result["additionalProperties"] = {"anyOf": [schema(part) for part in patterns.values()]}
    elif patterns:
        result["additionalProperties"] = True
    elif "additionalProperties" in given:
        result["additionalProperties"] = rest if isinstance(rest, bool) else schema(rest)


def _items(given: Node, result: Node) -> None:
    if "prefixItems" in given:
        parts = [schema(part) for part in given["prefixItems"]]
        rest = given.get("items", True)
        if rest is False:
            result["maxItems"] = min(len(parts), given.get("maxItems", len(parts)))
            result["items"] = {"anyOf": parts}
        else:
            result["items"] = {} if rest is True else {"anyOf": [*parts, schema(rest)]}
    elif "items" in given:
        result["items"] = schema(given["items"])
    elif result.get("type") == "array":
        result["items"] = {}


def _content(given: Node, result: Node) -> None:
    if given.get("contentEncoding") == "base64":
        result.setdefault("format", "byte")
    elif "contentMediaType" in given:
        result.setdefault("format", "binary")


def _example(given: Node, result: Node) -> None:
    if given.get("examples") and "example" not in result:
        result["example"] = given["examples"][0]


def _section(section: str, components: Node) -> Node:
    convert: dict[str, Callable[[Any], Any]] = {
        "schemas": schema,
        "responses": _response,
        "parameters": _parameter,
        "requestBodies": _body,
        "headers": _parameter,
        "callbacks": _callback,
    }
    if section == "securitySchemes":
        return {name: scheme for name, scheme in components.items() if scheme.get("type") != "mutualTLS"}
    change = convert.get(section, lambda same: same)
    return {name: change(component) for name, component in components.items()}


def _path_item(item: Node) -> Node:
    result = {key: _operation(value) if key in METHODS else value for key, value in item.items()}
    if "parameters" in item:
        result["parameters"] = [_parameter(parameter) for parameter in item["parameters"]]
    return result


def _operation(operation: Node) -> Node:
    result = dict(operation)
    if "parameters" in operation:
        result["parameters"] = [_parameter(parameter) for parameter in operation["parameters"]]
    if "requestBody" in operation:
        result["requestBody"] = _body(operation["requestBody"])
    result["responses"] = {status: _response(response) for status, response in operation.get("responses", {}).items()}
    if "callbacks" in operation:
        result["callbacks"] = {name: _callback(callback) for name, callback in operation["callbacks"].items()}
    return result


def _callback(callback: Node) -> Node:
    return callback if "$ref" in callback else {address: _path_item(item) for address, item in callback.items()}


def _parameter(parameter: Node) -> Node:
    """A parameter or a header."""
    if "$ref" in parameter:
        return {"$ref": parameter["$ref"]}
    result = dict(parameter)
    if "schema" in parameter:
        result["schema"] = schema(parameter["schema"])
    return _with_content(result)


def _body(body: Node) -> Node:
    return {"$ref": body["$ref"]} if "$ref" in body else _with_content(dict(body))


def _response(response: Node) -> Node:
    if "$ref" in response:
        return {"$ref": response["$ref"]}
    result = dict(response)
    if "headers" in response:
        result["headers"] = {name: _parameter(header) for name, header in response["headers"].items()}
    return _with_content(result)


def _with_content(holder: Node) -> Node:
    if "content" in holder:
        holder["content"] = {
            kind: {**media, "schema": schema(media["schema"])} if "schema" in media else media
            for kind, media in holder["content"].items()
        }
    return holder


def _without(node: Node, key: str) -> Node:
    return {name: value for name, value in node.items() if name != key}
