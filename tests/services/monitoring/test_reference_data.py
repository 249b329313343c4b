"""Reference data comes through the gateway once: with a strong tag, and as 304 without a body to who has it."""

from __future__ import annotations

import pytest

from chassis.http.application import create_app
from chassis.lifecycle import opened
from chassis.main import openapi_document
from chassis.security.scope import Role
from chassis.security.tokens import choose_assignment
from chassis.testing.programs import COUNTY, VILLAGE
from chassis.testing.sign_in import SignIns
from gateway.contract_document.join import operations
from services.monitoring.app import SERVICE
from services.monitoring.parameters import KEEP_IMPORTS
from tests.gateway.running import gateway, service

READ = {
    "code_list_read": "/v1/monitoring/codes/sex",
    "code_lists_read": "/v1/monitoring/codes",
    "dataset_list": "/v1/monitoring/datasets",
    "dataset_template": "/v1/monitoring/datasets/medical.annual_self_pay/template",
    "interview_form_list": "/v1/monitoring/interview-forms",
    "interview_form_read": "/v1/monitoring/interview-forms/household_check",
    "line_list": "/v1/monitoring/lines",
    "monitoring_calendar_days_list": "/v1/monitoring/calendar/days?from_day=2024-06-01&to_day=2024-06-30",
    "monitoring_calendar_notices_list": "/v1/monitoring/calendar/notices",
    "monitoring_calendar_terms_get": "/v1/monitoring/calendar/terms?start=2024-06-03&days=5&kind=working",
    "monitoring_parameters_get": None,  # one that the test proposes
    "monitoring_parameters_history": f"/v1/monitoring/parameters/history?key={KEEP_IMPORTS}",
    "monitoring_parameters_list": "/v1/monitoring/parameters",
    "national_contract_read": "/v1/monitoring/national-contract",
    "national_contract_template": "/v1/monitoring/national-contract/template",
    "region_history": f"/v1/monitoring/regions/{VILLAGE}/history",
    "region_list": "/v1/monitoring/regions",
    "region_read": f"/v1/monitoring/regions/{VILLAGE}",
    "vocabulary_read": "/v1/monitoring/vocabulary",
}
DOCUMENTS = {
    "case_read",
    "clue_read",
    "comparison_read",
    "consent_read",
    "dataset_mapping_get",
    "dataset_period_get",
    "guarantee_check_read",
    "household_read",
    "income_line_read",
    "interview_read",
    "measure_read",
    "monitoring_jobs_get",
    "national_export_read",
    "national_mapping_get",
    "officer_read",
    "person_read",
    "post_read",
    "public_list_read",
    "register_fact_read",
    "rule_read",
    "rule_version_read",
    "screening_run_read",
    "submission_get",
    "transfer_read",
    "visit_read",
}
"""What reads one document by its version, whose tag tests/chassis/http/test_versioned.py asks about."""

OWN = ("/openapi.json", "/openapi-3.0.json", "/asyncapi.json", "/v1/problems", "/v1/problems/version_stale")
PROPOSAL = {
    "scope": str(COUNTY),
    "key": KEEP_IMPORTS,
    "effective_from": "2024-07-01",
    "value": {"type": "integer", "value": 30},
    "source": "县发〔2024〕1号",
}
DIVISIONS = """code,name,level,valid_from
610999000000,云岭县,县,2020-01-01
610999101000,清溪镇,乡镇,2020-01-01
610999101203,松坪村,村,2020-01-01
"""


def test_every_operation_that_may_answer_304_is_asked_here():
    told = {operation["operationId"] for _, _, operation in operations(openapi_document(SERVICE))
            if "304" in operation["responses"]}  # fmt: skip
    assert told == set(READ) | DOCUMENTS


@pytest.fixture
async def client(monitoring):
    """A county's officer at the gateway, behind which monitoring runs."""
    sign_ins = SignIns()
    monitoring.verify, monitoring.choose = sign_ins.verify, choose_assignment
    app = create_app(SERVICE, monitoring)
    async with (
        opened(SERVICE, monitoring),
        service(app) as address,
        gateway({"monitoring": address}, document_fresh_seconds=60) as running,
    ):
        running.client.headers["Authorization"] = f"Bearer {sign_ins.token(Role.COUNTY_OFFICER, COUNTY)}"
        running.client.timeout = 60  # the service's document is made at the first question
        yield running.client


@pytest.mark.budget(60)  # 7 to 13 s in CI
async def test_reference_data_is_sent_once_through_the_gateway(client):
    imported = await client.post(
        "/v1/monitoring/regions/import", content=DIVISIONS.encode(), headers={"content-type": "text/csv"}
    )
    assert imported.status_code == 200, imported.text
    proposed = await client.post("/v1/monitoring/parameters", json=PROPOSAL)
    assert proposed.status_code == 201, proposed.text
    paths = [path for path in READ.values() if path] + [f"/v1/monitoring/parameters/{proposed.json()['id']}", *OWN]
    for path in paths:
        first = await client.get(path)
        assert first.status_code == 200, (path, first.text)
        tag = first.headers["etag"]
        assert tag.startswith('"'), path
        assert "no-cache" in first.headers["cache-control"], path
        again = await client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        assert again.headers["cache-control"] == first.headers["cache-control"], path
        other = await client.get(path, headers={"If-None-Match": '"other"'})
        assert (other.status_code, other.content) == (200, first.content), path


async def test_a_tag_is_no_way_round_the_sign_in(client):
    tag = (await client.get(READ["region_list"])).headers["etag"]
    refused = await client.get(READ["region_list"], headers={"Authorization": "", "If-None-Match": tag})
    assert refused.status_code == 401
