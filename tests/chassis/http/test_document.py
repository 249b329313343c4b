"""Every service's document names each operation, lists what it may be refused with, and is fit for a generator."""

from __future__ import annotations

import re
from collections import Counter
from typing import Annotated

import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.errors import CursorSpoiled, TooManyRequests
from chassis.files.media import TABLES
from chassis.http.answers import may_answer
from chassis.http.document import document
from chassis.http.preconditions import takes_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.http.switchboard import add_flat
from chassis.http.uploads import receives
from chassis.main import openapi_document
from chassis.security.scope import OFFICERS, Permission
from deploy.embedded.installation import SERVICES
from gateway.contract_document.join import operations

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
SEND = Permission("well.send", OFFICERS)


@pytest.fixture(scope="module", params=SERVICES, ids=lambda service: service.name)
def told(request):
    return openapi_document(request.param)


def found(document):
    return {operation["operationId"]: operation for _, _, operation in operations(document)}


def test_a_document_is_valid_openapi(told):
    assert list(OpenAPIV31SpecValidator(told).iter_errors()) == []


def test_every_operation_has_a_name_of_its_own_one_tag_and_a_sentence(told):
    names = Counter(operation["operationId"] for _, _, operation in operations(told))
    assert [name for name, times in names.items() if times > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name)] == []
    for name, operation in found(told).items():
        assert len(operation["tags"]) == 1, name
        assert operation.get("description"), name


def test_every_operation_lists_its_problems_and_each_says_what_it_is(told):
    for name, operation in found(told).items():
        answers = operation["responses"]
        expected = {"404", "409", "422", "503", "default"} | ({"401", "403"} if "security" in operation else set())
        assert expected <= set(answers), name
        refusals = {status: answer for status, answer in answers.items() if status == "default" or status >= "400"}
        assert all(answer["content"] == PROBLEM for answer in refusals.values()), name
        assert all(answer["description"] != "Refused" for answer in refusals.values()), name


def test_what_takes_a_body_says_that_it_may_be_too_large_or_unreadable(told):
    for name, operation in found(told).items():
        if "requestBody" in operation:
            assert {"400", "413"} <= set(operation["responses"]), name


def test_every_if_match_has_its_412_and_428_and_every_if_none_match_its_304(told):
    for name, operation in found(told).items():
        sent = {parameter["name"] for parameter in operation.get("parameters", [])}
        answers = set(operation["responses"])
        assert ("If-Match" in sent) == ("428" in answers), name
        assert "If-Match" not in sent or "412" in answers, name
        assert ("If-None-Match" in sent) == ("304" in answers), name


def test_a_change_feed_says_that_a_cursor_may_be_spoiled(told):
    feeds = [operation for name, operation in found(told).items() if name.endswith("_changes_list")]
    assert all("`cursor_spoiled`" in feed["responses"]["412"]["description"] for feed in feeds)


def test_whatever_takes_a_file_shows_its_body_and_says_that_its_kind_may_be_refused():
    [monitoring] = [service for service in SERVICES if service.name == "monitoring"]
    told = found(openapi_document(monitoring))
    takers = {name for name, operation in told.items() if "415" in operation["responses"]}
    assert takers == {
        "comparison_sheet_answer",
        "household_import",
        "monitoring_uploads_append",
        "monitoring_uploads_complete",
        "national_export_import",
        "national_export_receive",
        "region_import",
        "submission_correct",
        "submission_create",
    }
    assert all("requestBody" in told[name] for name in takers - {"monitoring_uploads_complete"})
    assert set(told["submission_create"]["requestBody"]["content"]) == {*TABLES, "multipart/form-data"}
    assert "408" in told["submission_create"]["responses"]
    assert "429" in told["self_report_create"]["responses"]
    assert "429" in told["self_report_status"]["responses"]


def test_what_a_route_or_its_dependency_declares_is_listed_and_nothing_else():
    router = service_router("wells")

    @router.post("/wells", operation_id="well_send")
    async def send(received: Annotated[object, receives(SEND, limit_bytes=9, accepted=TABLES)]) -> dict[str, int]:
        """Send."""
        return {}

    @router.get("/wells", operation_id="well_list")
    @may_answer(TooManyRequests, CursorSpoiled)
    @reference_data
    async def listed() -> dict[str, int]:
        """List."""
        return {}

    @router.put("/wells", operation_id="well_keep")
    @takes_version
    async def keep() -> dict[str, int]:
        """Keep."""
        return {}

    app = FastAPI()
    add_flat(app.router, router, "")
    told = found(document(app))
    usual = {"200", "404", "409", "422", "503", "default"}
    assert set(told["well_send"]["responses"]) == usual | {"400", "408", "413", "415"}
    assert set(told["well_list"]["responses"]) == usual | {"304", "412", "429"}
    assert set(told["well_keep"]["responses"]) == usual | {"412", "428"}
    [match] = [one for one in told["well_keep"]["parameters"] if one["name"] == "If-Match"]
    assert match["required"] is False
    assert "`too_many_requests`" in told["well_list"]["responses"]["429"]["description"]
