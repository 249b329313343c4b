"""A filter that takes a code of a catalogue refuses what the catalogue does not list, and names what it lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.http.choices import UNLISTED
from chassis.main import openapi_document
from chassis.security.scope import Role
from chassis.testing.programs import COUNTY
from services.monitoring.app import SERVICE

NO_CATALOGUE = {
    "cursor": "signed by us",
    "region": "divisions are dated records of an area",
    "parent": "a division",
    "scope": "a division",
    "household_id": "a record",
    "person_id": "a record",
    "case_id": "a record",
    "helper_id": "a record",
    "entity_id": "whatever the log is of",
    "name": "a person's name",
    "purpose": "why somebody asks",
    "subject": "an issuer's id of whoever acted",
    "action": "words of the log; it keeps those that no program has any more",
    "period": "a period",
    "registered_month": "a month",
    "eliminated_month": "a month",
}
"""Text that a filter may take without a catalogue behind it, and why; whatever else takes text must name choices."""

SAID = ("可选", "参数目录")
"""What names the choices; the keys of parameters are some hundred, so that their list is named instead."""

STRANGE = ("no-such-code", "NO-SUCH-CODE", "no_such_code")
IN_PATHS = {"register_code": "house", "code": "household_check"}
REQUIRED = {"from_day": "2024-06-01", "to_day": "2024-06-02", "start": "2024-06-01", "days": "3", "period": "2024-05"}
CLERKS = frozenset({"comparison_sheet_download"})


def texts(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a parameter's schema that take text which is neither a day nor an instant."""
    for part in schema.get("anyOf", [schema]):
        told = schemas[part["$ref"].rsplit("/", 1)[1]] if "$ref" in part else part
        told = told["items"] if told.get("type") == "array" else told
        if told.get("type") == "string" and told.get("format") not in {"date", "date-time"}:
            yield told


def filters() -> Iterator[tuple[str, str, str, str, list[dict[str, Any]]]]:
    """Operation, path, parameter, a value that is well-formed and on no list, and the operation's query."""
    document = openapi_document(SERVICE)
    for path, methods in document["paths"].items():
        operation = methods.get("get", {})
        asked = [one for one in operation.get("parameters", []) if one["in"] == "query"]
        for parameter in asked:
            for told in texts(parameter["schema"], document["components"]["schemas"]):
                if parameter["name"] not in NO_CATALOGUE:
                    value = next(one for one in STRANGE if "enum" in told or re.search(told.get("pattern", ""), one))
                    yield operation["operationId"], path, parameter["name"], value, asked


FILTERS = list(filters())


@pytest.fixture
async def people(asks):
    return {False: asks(), True: asks(Role.DEPARTMENT_CLERK, COUNTY, department="medical")}


async def test_every_filter_of_a_catalogue_refuses_what_is_not_listed_and_names_what_is(people):
    wrong = []
    for operation, path, name, value, asked in FILTERS:
        query = {one["name"]: REQUIRED.get(one["name"], "medical") for one in asked if one.get("required")}
        filled = re.sub(r"\{(\w+)\}", lambda part: IN_PATHS.get(part[1], "0190b7c2-0000-7000-8000-000000000009"), path)
        answer = await people[operation in CLERKS].get(
            filled.removeprefix("/v1/monitoring"), params={**query, name: value}
        )
        faults = answer.json().get("errors", []) if answer.status_code == 422 else []
        fault = next((one for one in faults if one["pointer"] in {f"?{name}", f"?{name}.0"}), None)
        if fault is None or fault["code"] not in {"enum", "literal_error", UNLISTED, "unknown_parameter_key"}:
            wrong.append(f"{operation}?{name}= takes what nothing lists: {answer.status_code} {answer.text[:200]}")
        elif not any(said in fault["message"] for said in SAID) or value in fault["message"]:
            wrong.append(f"{operation}?{name}= does not name its choices: {fault['message']}")
    assert not wrong, "\n".join(wrong)


def test_the_filters_that_once_took_anything_are_among_those_asked():
    asked = {(operation, name) for operation, _path, name, _value, _query in FILTERS}
    assert asked >= {
        ("register_finding_list", "duty"),
        ("register_finding_list", "code"),
        ("register_fact_list", "finding"),
        ("register_fact_export", "finding"),
        ("comparison_list", "department"),
        ("entitlement_gap_list", "department"),
        ("entitlement_gap_list", "policy_id"),
        ("submission_list", "department"),
        ("submission_list", "dataset"),
        ("finding_list", "code"),
        ("clue_list", "rule"),
        ("rule_list", "rule_id"),
        ("monitoring_jobs_list", "kind"),
        ("interview_draft", "form"),
    }


async def test_choices_are_named_in_the_readers_language(people):
    of_house = await people[False].get("/registers/house/facts", params={"finding": "out_of_school"})
    assert of_house.json()["errors"] == [
        {"pointer": "?finding", "code": UNLISTED, "message": "可选值：any、unsafe_only_house。"}
    ]
    policy = await people[False].get(
        "/entitlement-gaps", params={"policy_id": "E-NOTHING"}, headers={"Accept-Language": "en"}
    )
    [fault] = policy.json()["errors"]
    assert fault["message"].startswith("Choose from: E-")
    assert "E-OLD-AGE" in fault["message"]
    assert "R01" not in fault["message"]


async def test_a_listed_value_that_nothing_has_gives_an_empty_page(people):
    for path, query in (
        ("/entitlement-gaps", {"policy_id": "E-OLD-AGE", "department": "civil"}),
        ("/register-findings", {"duty": "education", "code": "out_of_school"}),
        ("/registers/house/facts", {"finding": "any", "household_id": "0190b7c2-0000-7000-8000-000000000009"}),
        ("/clues", {"rule": "R01"}),
        ("/submissions", {"dataset": "medical.annual_self_pay", "department": "medical"}),
    ):
        answer = await people[False].get(path, params=query)
        assert (answer.status_code, answer.json()["items"]) == (200, []), (path, answer.text)
