"""The AsyncAPI document is valid by the official schema, whole, and the one that is committed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from chassis.events.asyncapi import asyncapi, join
from chassis.events.event import Event
from chassis.testing.tally import Counted, CounterRecorded
from deploy.embedded.installation import SERVICES
from tests.architecture import checks
from tests.contracts.asyncapi.official import faults

EVENTS = [event for service in SERVICES for event in service.events]


class Fed(Event, type="zoo.animal.fed", version=1):
    """An animal was fed."""

    by: list[Counted]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def found(document: dict[str, Any], reference: str) -> Any:
    part: Any = document
    for word in reference.removeprefix("#/").split("/"):
        part = part[word]
    return part


@pytest.mark.parametrize("events", [EVENTS, [Counted, CounterRecorded, Fed]], ids=["platform", "test"])
def test_the_document_is_valid_and_every_reference_leads_somewhere(events):
    document = asyncapi(events)
    assert faults(document) == []
    for reference in references(document):
        assert found(document, reference)


def test_the_official_schema_does_refuse():
    document = asyncapi(EVENTS)
    document["operations"]["monitoring.person.publish"]["action"] = "shout"
    assert faults(document)


def test_it_tells_topic_key_retention_and_readers():
    document = asyncapi(EVENTS)
    channel = document["channels"]["monitoring.person"]
    assert channel["address"] == "{prefix}.monitoring.person"
    assert channel["x-readers"] == ["assets", "employment", "funds"]
    assert channel["bindings"]["kafka"]["partitions"] == 12
    assert channel["bindings"]["kafka"]["topicConfiguration"] == {"cleanup.policy": ["compact"]}
    message = document["components"]["messages"]["cn.xianjie.monitoring.person.recorded.v1"]
    assert message["bindings"]["kafka"]["key"]["format"] == "uuid"
    assert message["x-full-state"]


def test_examples_are_valid_by_the_schemas_of_their_messages():
    document = asyncapi([*EVENTS, Fed])
    for message in document["components"]["messages"].values():
        schema = {**message["payload"]["schema"], "components": document["components"]}
        for example in message["examples"]:
            jsonschema.Draft202012Validator(schema).validate(example["payload"])


def test_documents_of_several_services_join_to_the_document_of_all():
    apart = {"tally": asyncapi([Counted, CounterRecorded]), "zoo": asyncapi([Fed])}
    assert join(apart) == asyncapi([Counted, CounterRecorded, Fed])


def test_the_committed_document_is_of_todays_events(monkeypatch, tmp_path):
    assert list(checks.event_document_is_old()) == []
    (tmp_path / "docs/api").mkdir(parents=True)
    (tmp_path / "docs/api/asyncapi.json").write_text("{}", "utf-8")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    assert len(list(checks.event_document_is_old())) == 1
