"""A service is not there until everybody can reach it: in `make run`, in the document, in containers."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml

from chassis.main import openapi_document
from deploy.embedded.installation import SERVICES
from gateway.contract_document.join import join, operations
from tests.architecture.checks import ROOT

COMPOSE = ROOT / "docker-compose.yml"
FOLDERS = sorted(path.name for path in (ROOT / "services").iterdir() if path.is_dir() and path.name[0] not in "_.")
COMMANDS = ("api", "worker")


def missing_commands(compose: dict[str, Any], services: list[str]) -> list[str]:
    """Every ``python -m services.<name> api`` and ``… worker`` that no container of the file runs."""
    runs = set()
    for container in compose.get("services", {}).values():
        command = container.get("command") or ""
        words = shlex.split(command) if isinstance(command, str) else [str(word) for word in command]
        runs.add(" ".join(words))
    wanted = [f"services.{name} {command}" for name in services for command in COMMANDS]
    return [text for text in wanted if not any(re.search(rf"(^|\s){re.escape(text)}(\s|$)", run) for run in runs)]


def test_every_folder_of_services_is_started_by_make_run():
    assert sorted(service.name for service in SERVICES) == FOLDERS
    assert sorted(path.name for path in (ROOT / "services").glob("*/contract.py") if path.parent.name) != []


@pytest.fixture(scope="module")
def document():
    """The document of the whole platform."""
    documents = {service.name: openapi_document(service) for service in SERVICES}
    return join(documents, info={"title": "t", "version": "1"}, servers=[])


@pytest.mark.parametrize("name", FOLDERS)
def test_every_service_is_in_the_merged_document(document, name):
    assert any(path.startswith(f"/v1/{name}/") for path in document["paths"])


def test_no_two_services_give_one_name_to_different_things(document):
    """Neither a path, an operation, a component nor a problem: a generated client has one class for each name."""
    assert document.get("x-conflicts", []) == []
    assert [name for name in document["components"]["schemas"] if "__" in name] == [], "one class name, two classes"
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names)) > len(SERVICES)


@pytest.mark.parametrize("service", [each for each in SERVICES if not each.routers], ids=lambda each: each.name)
def test_a_service_without_business_says_so(service):
    about = openapi_document(service)["info"]
    assert about["description"].startswith("尚无业务功能")
    assert "No business yet" in about["description"]


def test_every_service_runs_in_the_containers():
    assert missing_commands(yaml.safe_load(COMPOSE.read_text("utf-8")), FOLDERS) == []


def test_a_service_that_the_containers_lack_is_named():
    compose = {
        "services": {
            "assets-api": {"command": ["python", "-m", "services.assets", "api", "--host", "0.0.0.0"]},
            "assets-worker": {"command": "python -m services.assets worker"},
            "funds-api": {"command": "python -m services.funds api"},
            "postgres": {"image": "postgres:18"},
        }
    }
    assert missing_commands(compose, ["assets", "funds"]) == ["services.funds worker"]
