"""The 3.0.3 document is valid and says what the 3.1 document says, as far as 3.0 can."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from gateway.contract_document.derive_30 import derive, schema

REF = {"$ref": "#/components/schemas/Item"}


def document(given):
    content = {"application/json": {"schema": given}}
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {"title": "t", "version": "1", "summary": "s", "license": {"name": "A", "identifier": "Apache-2.0"}},
        "paths": {
            "/x/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": given}],
                "post": {
                    "parameters": [{"name": "q", "in": "query", "schema": given}],
                    "requestBody": {"content": content},
                    "responses": {
                        "200": {"description": "ok", "content": content, "headers": {"X": {"schema": given}}}
                    },
                    "callbacks": {"told": {"{$request.body#/u}": {"post": {"responses": {"200": {
                        "description": "ok", "content": content}}}}}},
                },
            }
        },
        "webhooks": {},
        "components": {
            "schemas": {"Item": {"type": "string"}, "Given": given},
            "responses": {"R": {"description": "r", "content": content}},
            "securitySchemes": {"tls": {"type": "mutualTLS"}, "bearer": {"type": "http", "scheme": "bearer"}},
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (True, {}),
        (False, {"not": {}}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": "null"}, {"nullable": True, "enum": [None]}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        (
            {"type": ["string", "array", "null"]},
            {"anyOf": [{"type": "string", "nullable": True}, {"type": "array", "items": {}, "nullable": True}]},
        ),
        (
            {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}], "title": "Id"},
            {"type": "string", "format": "uuid", "nullable": True, "title": "Id"},
        ),
        (
            {"anyOf": [{"type": "string", "title": "Inner"}, {"type": "null"}], "title": "Outer"},
            {"type": "string", "nullable": True, "title": "Outer"},
        ),
        (
            {"anyOf": [REF, {"type": "null"}], "description": "d"},
            {"allOf": [REF], "nullable": True, "description": "d"},
        ),
        ({"oneOf": [REF, {"type": "integer"}, {"type": "null"}]}, {"oneOf": [REF, {"type": "integer"}],
                                                                   "nullable": True}),
        ({"anyOf": [{"enum": ["a"]}, {"type": "null"}]}, {"enum": ["a", None], "nullable": True}),
        ({**REF, "description": "d"}, {"description": "d", "allOf": [REF]}),
        ({**REF, "$comment": "c"}, REF),
        ({"anyOf": [{"type": "null"}]}, {"nullable": True, "enum": [None]}),
        ({"const": "a"}, {"enum": ["a"]}),
        ({"type": "string", "enum": ["a", None]}, {"type": "string", "enum": ["a", None], "nullable": True}),
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"exclusiveMinimum": 3, "minimum": 5}, {"minimum": 5}),
        ({"exclusiveMinimum": 3, "minimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"exclusiveMaximum": 3, "maximum": 9}, {"maximum": 3, "exclusiveMaximum": True}),
        ({"examples": ["a", "b"]}, {"example": "a"}),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, {"type": "string", "format": "binary"}),
        ({"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"},
         {"type": "string", "format": "byte"}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, REF], "items": False, "minItems": 2},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, REF]}, "maxItems": 2, "minItems": 2},
        ),
        ({"patternProperties": {"^x": {"type": "string"}}, "additionalProperties": False},
         {"additionalProperties": {"anyOf": [{"type": "string"}]}}),
        ({"additionalProperties": False}, {"additionalProperties": False}),
        (
            {"type": "object", "properties": {"examples": {"const": 1}, "const": {"type": "null"}}},
            {"type": "object", "properties": {"examples": {"enum": [1]}, "const": {"nullable": True, "enum": [None]}}},
        ),
        ({"if": REF, "then": REF, "$defs": {}, "propertyNames": {}, "unevaluatedProperties": False, "$schema": "s"},
         {}),
        ({"x-unit": "元", "format": "decimal"}, {"x-unit": "元", "format": "decimal"}),
    ],
)  # fmt: skip
def test_a_schema_says_the_same_in_the_older_dialect(given, expected):
    assert schema(given) == expected


SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {"type": "string"},
            {"type": "null"},
            {"type": ["integer", "null"], "exclusiveMinimum": 0, "examples": [1]},
            {"const": "a"},
            {"const": None},
            {"enum": ["a", "b"], "type": "string"},
            {"type": ["string", "array"]},
            {"type": "string", "contentMediaType": "application/octet-stream"},
            REF,
            {**REF, "description": "d"},
            True,
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda parts, key: {key: parts}, st.lists(inner, min_size=1, max_size=3),
                  st.sampled_from(["anyOf", "oneOf", "allOf"])),
        st.builds(lambda part: {"type": "array", "items": part}, inner),
        st.builds(lambda parts: {"type": "array", "prefixItems": parts}, st.lists(inner, min_size=1, max_size=2)),
        st.builds(lambda part: {"type": "object", "properties": {"a": part, "const": part},
                                "additionalProperties": part}, inner),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(SCHEMAS)
def test_whatever_is_valid_in_31_is_derived_to_what_is_valid_in_30(given):
    whole = document(given)
    before = copy.deepcopy(whole)
    assert list(OpenAPIV31SpecValidator(whole).iter_errors()) == []
    derived = derive(whole)
    assert whole == before
    assert list(OpenAPIV30SpecValidator(derived).iter_errors()) == []


def test_what_30_does_not_know_is_left_out():
    derived = derive(document({"type": "string"}))
    assert derived["openapi"] == "3.0.3"
    assert derived["info"] == {"title": "t", "version": "1", "license": {"name": "A"}}
    assert derived["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}
    assert not {"webhooks", "jsonSchemaDialect"} & derived.keys()
