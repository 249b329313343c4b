"""Each kind of change that a client trips over is found, and none that it does not notice."""

from __future__ import annotations

import copy

import pytest

from chassis.http.compatibility import breaks


def document():
    """Wells: listed, dug, and described by a document that has something of everything."""
    well = {
        "type": "object",
        "required": ["id", "state"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "state": {"$ref": "#/components/schemas/State"},
            "depth": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "owner": {"anyOf": [{"$ref": "#/components/schemas/Well"}, {"type": "null"}]},
            "names": {"type": "array", "items": {"type": "string"}},
            "marks": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
    }
    dig = {
        "type": "object",
        "additionalProperties": False,
        "required": ["state"],
        "properties": {
            "state": {"$ref": "#/components/schemas/State"},
            "depth": {"type": "integer", "minimum": 1, "maximum": 900},
            "name": {"type": "string", "maxLength": 40},
            "place": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        },
    }
    said = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Well"}}}}
    refused = {"content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    return {
        "openapi": "3.1.0",
        "paths": {
            "/wells": {
                "post": {
                    "operationId": "well_dig",
                    "tags": ["wells"],
                    "parameters": [
                        {"name": "dry", "in": "query", "schema": {"type": "boolean"}},
                        {"name": "on", "in": "query", "schema": {"type": "string", "enum": ["land", "sea"]}},
                    ],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Dig"}}}},
                    "responses": {"201": {**said, "headers": {"ETag": {}}}, "409": refused},
                },
                "get": {"operationId": "well_list", "tags": ["wells"], "responses": {"200": said}},
            }
        },
        "components": {
            "schemas": {
                "Well": well,
                "Dig": dig,
                "State": {"type": "string", "enum": ["dry", "wet"]},
                "Problem": {"type": "object", "properties": {"code": {"type": "string"}}},
            },
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "x-problems": [{"code": "too_deep", "status": 409}],
    }


POST = ("paths", "/wells", "post")
WELL = ("components", "schemas", "Well", "properties")
DIG = ("components", "schemas", "Dig", "properties")
STATES = ("components", "schemas", "State", "enum")
REMOVED = object()


def changed(*changes):
    """The document with each ``(path, value)`` set, or removed."""
    made = copy.deepcopy(document())
    for path, value in changes:
        *folders, last = path
        node = made
        for folder in folders:
            node = node[folder]
        if value is REMOVED:
            del node[last]
        else:
            node[last] = value
    return made


BREAKING = {
    "a removed path": ([(("paths", "/wells"), REMOVED)], "POST /wells: was removed"),
    "a removed method": ([(("paths", "/wells", "get"), REMOVED)], "GET /wells: was removed"),
    "another operationId": ([((*POST, "operationId"), "well_make")], "operationId was 'well_dig' and is 'well_make'"),
    "another tag": ([((*POST, "tags"), ["holes"])], "tags was ['wells'] and is ['holes']"),
    "a sign-in where there was none": ([((*POST, "security"), [{"bearer": []}])], "needs a sign-in now"),
    "a removed parameter": ([((*POST, "parameters", 0), REMOVED)], "query parameter dry was removed"),
    "a parameter that must be given": (
        [((*POST, "parameters", 0, "required"), True)],
        "query parameter dry: is required now",
    ),
    "a new parameter that must be given": (
        [((*POST, "parameters", 1, "name"), "where"), ((*POST, "parameters", 1, "required"), True)],
        "query parameter where: is required now",
    ),
    "a parameter of another kind": (
        [((*POST, "parameters", 0, "schema"), {"type": "integer"})],
        "boolean is no longer taken (in requests)",
    ),
    "a parameter that takes less": (
        [((*POST, "parameters", 1, "schema", "enum"), ["land"])],
        "'sea' is no longer taken (in requests)",
    ),
    "a parameter written another way": ([((*POST, "parameters", 0, "style"), "form")], "style was None and is 'form'"),
    "a removed body": ([((*POST, "requestBody"), REMOVED)], "body: was removed"),
    "a body that must be sent": ([((*POST, "requestBody", "required"), True)], "body: is required now"),
    "a new body that must be sent": (
        [(("paths", "/wells", "get", "requestBody"), {"required": True, "content": {}})],
        "GET /wells body: is required now",
    ),
    "a body of another kind": (
        [((*POST, "requestBody", "content"), {"text/csv": {}})],
        "body: application/json is no longer taken",
    ),
    "a field that must be sent": (
        [(("components", "schemas", "Dig", "required"), ["state", "name"])],
        "Dig/name: is required now (in requests)",
    ),
    "a field that is no longer taken": ([((*DIG, "name"), REMOVED)], "Dig/name: was removed (in requests)"),
    "a choice that is no longer taken": (
        [((*DIG, "place"), {"type": "string"})],
        "Dig/place: integer is no longer taken (in requests)",
    ),
    "a value that is no longer taken": ([(STATES, ["wet"])], "State: 'dry' is no longer taken (in requests)"),
    "a smaller maximum": (
        [((*DIG, "depth", "maximum"), 500)],
        "Dig/depth: maximum was 900 and is 500 (in requests)",
    ),
    "a greater minimum": ([((*DIG, "depth", "minimum"), 2)], "Dig/depth: minimum was 1 and is 2 (in requests)"),
    "a new bound": ([((*DIG, "name", "minLength"), 1)], "Dig/name: minLength was not set and is 1 (in requests)"),
    "a new pattern": ([((*DIG, "name", "pattern"), "^a")], "Dig/name: pattern was not set and is '^a' (in requests)"),
    "a new format": ([((*DIG, "name", "format"), "date")], "Dig/name: format was not set and is 'date' (in requests)"),
    "values listed where any was taken": (
        [((*DIG, "name", "enum"), ["a"])],
        "Dig/name: only listed values are taken now (in requests)",
    ),
    "a removed answer": ([((*POST, "responses", "201"), REMOVED)], "answer 201: was removed"),
    "an answer of another kind": (
        [((*POST, "responses", "201", "content"), {"text/csv": {}})],
        "answer 201: is no longer given as application/json",
    ),
    "a removed header": ([((*POST, "responses", "201", "headers"), {})], "answer 201: header ETag was removed"),
    "a removed field": ([((*WELL, "depth"), REMOVED)], "Well/depth: was removed (in answers)"),
    "a field that may be missing": (
        [(("components", "schemas", "Well", "required"), ["id"])],
        "Well/state: was made optional; readers rely on it (in answers)",
    ),
    "a field that may be null": (
        [((*WELL, "id"), {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]})],
        "Well/id: null may now be answered (in answers)",
    ),
    "a field of another kind": (
        [((*WELL, "names"), {"type": "string"})],
        "Well/names: string may now be answered (in answers)",
    ),
    "items of another kind": (
        [((*WELL, "names", "items"), {"type": "integer"})],
        "Well/names/*: integer may now be answered (in answers)",
    ),
    "entries of another kind": (
        [((*WELL, "marks", "additionalProperties"), {"type": "string"})],
        "Well/marks/*: string may now be answered (in answers)",
    ),
    "a lost format": (
        [((*WELL, "id"), {"type": "string"})],
        "Well/id: format was 'uuid' and is not set (in answers)",
    ),
    "a value that readers do not know": (
        [(STATES, ["dry", "wet", "deep"])],
        "State: 'deep' may now be answered; readers do not know it (in answers)",
    ),
    "a field of a refusal": (
        [(("components", "schemas", "Problem", "properties"), {})],
        "Problem/code: was removed (in answers)",
    ),
    "a renamed schema": (
        [
            (("components", "schemas", "Hole"), document()["components"]["schemas"]["Dig"]),
            ((*POST, "requestBody", "content", "application/json", "schema", "$ref"), "#/components/schemas/Hole"),
            (("components", "schemas", "Dig"), REMOVED),
        ],
        "Dig: was removed or renamed; generated clients have a type of this name",
    ),
    "a removed way to sign in": ([(("components", "securitySchemes"), {})], "bearer: was removed or renamed"),
    "a problem that went": ([(("x-problems",), [])], "problem too_deep: was removed; clients act on it"),
    "a problem under another status": (
        [(("x-problems", 0, "status"), 422)],
        "problem too_deep: status was 409 and is 422",
    ),
}


@pytest.mark.parametrize(("changes", "told"), BREAKING.values(), ids=BREAKING)
def test_a_planted_break_is_found_and_said(changes, told):
    found = breaks(document(), changed(*changes))
    assert any(told in sentence for sentence in found), found


HARMLESS = {
    "nothing": [],
    "a new operation": [(("paths", "/pumps"), {"get": {"operationId": "pump_list", "responses": {}}})],
    "a new parameter": [
        ((*POST, "parameters"), [*document()["paths"]["/wells"]["post"]["parameters"],
                                 {"name": "more", "in": "query", "schema": {"type": "string"}}])],
    "a field more that may be sent": [((*DIG, "more"), {"type": "string"})],
    "a field that need no longer be sent": [(("components", "schemas", "Dig", "required"), [])],
    "a greater maximum": [((*DIG, "depth", "maximum"), 1000)],
    "a bound that went": [((*DIG, "name", "maxLength"), REMOVED)],
    "a choice more": [((*DIG, "name"), {"anyOf": [{"type": "string", "maxLength": 40}, {"type": "null"}]})],
    "any number where whole ones were taken": [
        ((*DIG, "depth"), {"type": "number", "minimum": 1, "maximum": 900})
    ],
    "a body of another kind beside the old one": [((*POST, "requestBody", "content", "text/csv"), {})],
    "a field more in an answer": [((*WELL, "more"), {"type": "string"})],
    "a field that is always there now": [(("components", "schemas", "Well", "required"), ["id", "state", "depth"])],
    "a field that is never null now": [((*WELL, "depth"), {"type": "integer"})],
    "a refusal more": [((*POST, "responses", "422"), {"description": "no"})],
    "a refusal that no longer comes": [((*POST, "responses", "409"), REMOVED)],
    "another sentence": [((*POST, "description"), "Dig."), ((*WELL, "id", "description"), "Which.")],
    "a problem more": [(("x-problems",), [*document()["x-problems"], {"code": "too_wet", "status": 409}])],
    "the same written in full": [
        ((*POST, "responses", "201", "content", "application/json", "schema"),
         {"allOf": [{"$ref": "#/components/schemas/Well"}]})
    ],
}  # fmt: skip


@pytest.mark.parametrize("changes", HARMLESS.values(), ids=HARMLESS)
def test_what_no_client_notices_is_no_break(changes):
    assert breaks(document(), changed(*changes)) == []


def test_a_break_of_a_shared_schema_is_said_once():
    found = breaks(document(), changed(((*WELL, "depth"), REMOVED)))
    assert found == ["Well/depth: was removed (in answers)"]
