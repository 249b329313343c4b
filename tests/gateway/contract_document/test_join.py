"""Documents are joined without losing anything, and without mixing up what only has the same name."""

from __future__ import annotations

import copy
import json

from openapi_spec_validator import validate

from gateway.contract_document.join import join, operations

INFO = {"title": "t", "version": "1"}
SERVERS = [{"url": "/"}]


def part(program, *, schemas=None, operation="item_read", path="items", **more):
    answer = {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}}
    return {
        "openapi": "3.1.0",
        "info": INFO,
        "paths": {f"/v1/{program}/{path}": {"get": {"operationId": operation, "tags": [path],
                                                    "responses": {"200": answer}}}},
        "components": {"schemas": {"Item": {"type": "string"}} if schemas is None else schemas},
        **more,
    }  # fmt: skip


def joined(**parts):
    before = copy.deepcopy(parts)
    whole = join(parts, info=INFO, servers=SERVERS)
    assert parts == before
    validate(whole)
    return whole


def test_equal_components_are_shared():
    whole = joined(assets=part("assets", operation="a_read"), funds=part("funds", operation="f_read"))
    assert whole["components"]["schemas"] == {"Item": {"type": "string"}}
    assert set(whole["paths"]) == {"/v1/assets/items", "/v1/funds/items"}
    assert "x-conflicts" not in whole


def test_two_things_of_one_name_are_kept_apart_and_reported():
    other = {"Item": {"type": "integer"}, "Own": {"type": "null"}}
    whole = joined(assets=part("assets", operation="a_read"), funds=part("funds", operation="f_read", schemas=other))
    assert whole["components"]["schemas"] == {
        "AssetsItem": {"type": "string"},
        "FundsItem": {"type": "integer"},
        "Own": {"type": "null"},
    }
    answer = whole["paths"]["/v1/funds/items"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/FundsItem"}
    assert whole["x-conflicts"] == [{"kind": "component", "name": "schemas/Item", "programs": ["assets", "funds"]}]


def test_what_refers_to_different_things_is_different_too():
    """`Page` reads the same in both documents, but means another `Item` in each."""
    page = {"type": "array", "items": {"$ref": "#/components/schemas/Item"}}
    union = {"oneOf": [{"$ref": "#/components/schemas/Page"}],
             "discriminator": {"propertyName": "kind", "mapping": {"page": "#/components/schemas/Page"}}}  # fmt: skip
    one = {"Item": {"type": "string"}, "Page": page, "Union": union}
    two = {"Item": {"type": "integer"}, "Page": page, "Union": union}
    whole = joined(
        assets=part("assets", operation="a_read", schemas=one), funds=part("funds", operation="f_read", schemas=two)
    )
    schemas = whole["components"]["schemas"]
    assert set(schemas) == {f"{who}{what}" for who in ("Assets", "Funds") for what in ("Item", "Page", "Union")}
    assert schemas["FundsPage"]["items"] == {"$ref": "#/components/schemas/FundsItem"}
    assert schemas["FundsUnion"]["oneOf"] == [{"$ref": "#/components/schemas/FundsPage"}]
    assert schemas["FundsUnion"]["discriminator"]["mapping"] == {"page": "#/components/schemas/FundsPage"}


def test_a_new_name_never_hides_an_old_one():
    one = {"Item": {"type": "string"}, "FundsItem": {"type": "boolean"}}
    two = {"Item": {"type": "integer"}}
    whole = joined(
        assets=part("assets", operation="a_read", schemas=one), funds=part("funds", operation="f_read", schemas=two)
    )
    assert whole["components"]["schemas"]["FundsItem"] == {"type": "boolean"}
    assert whole["components"]["schemas"]["FundsItem_"] == {"type": "integer"}


def test_operation_ids_are_made_unique_and_the_repetition_is_reported():
    whole = joined(assets=part("assets"), funds=part("funds"))
    identifiers = [operation["operationId"] for _, _, operation in operations(whole)]
    assert identifiers == ["assets_item_read", "funds_item_read"]
    assert [conflict["kind"] for conflict in whole["x-conflicts"]] == ["operation_id"]


def test_a_path_that_would_not_be_passed_on_is_reported_not_published():
    whole = joined(assets=part("funds"), gateway={"paths": {}})
    assert whole["paths"] == {}
    assert whole["x-conflicts"] == [{"kind": "path_out_of_reach", "name": "/v1/funds/items", "programs": ["assets"]}]


def test_problems_are_joined_by_code():
    def entry(code, status=409):
        return {"type": f"/v1/problems/{code}", "code": code, "status": status, "title": {"zh": "一", "en": "a"}}

    whole = joined(
        assets=part("assets", operation="a_read", **{"x-problems": [entry("b"), entry("c")]}),
        funds=part("funds", operation="f_read", **{"x-problems": [entry("a"), entry("b"), entry("c", 400)]}),
    )
    assert [problem["code"] for problem in whole["x-problems"]] == ["a", "b", "c"]
    assert whole["x-problems"][2]["status"] == 409
    assert whole["x-conflicts"] == [{"kind": "problem", "name": "c", "programs": ["funds"]}]


def test_the_password_flow_is_offered_only_where_its_token_address_is():
    schemes = {
        "signIn": {"type": "oauth2", "flows": {"password": {"tokenUrl": "/oauth2/token", "scopes": {}}}},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    monitoring = part("monitoring")
    monitoring["components"]["securitySchemes"] = schemes
    operation = monitoring["paths"]["/v1/monitoring/items"]["get"]
    operation["security"] = [{"signIn": []}, {"bearer": []}]
    token = {"paths": {"/oauth2/token": {"post": {"operationId": "token", "responses": {"200": {"description": ""}}}}}}
    without = joined(gateway={"paths": {}}, monitoring=monitoring)
    with_it = joined(gateway=token, monitoring=monitoring)
    assert set(without["components"]["securitySchemes"]) == {"bearer"}
    assert without["paths"]["/v1/monitoring/items"]["get"]["security"] == [{"bearer": []}]
    assert with_it["paths"]["/v1/monitoring/items"]["get"]["security"] == [{"signIn": []}, {"bearer": []}]


def test_tags_are_listed_once_with_their_description():
    one = part("assets", operation="a_read", tags=[{"name": "items", "description": "things"}])
    whole = joined(assets=one, funds=part("funds", operation="f_read"))
    assert whole["tags"] == [{"name": "items", "description": "things"}]
    assert json.dumps(whole).count('"name": "items"') == 1
