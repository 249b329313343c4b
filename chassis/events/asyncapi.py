"""Describe the events of services as an AsyncAPI 3.0 document, made from the event classes and their topics alone."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Final

from chassis.bus.topics import REPLICAS, Topic, topic_name, topics_of
from chassis.events.cloud_event import CONTENT_TYPE, NAMES, SPECVERSION
from chassis.events.event import Event
from chassis.events.schemas import DIALECT, example_of

Document = dict[str, Any]

API_VERSION: Final = "1.0.0"
_SCHEMA_FORMAT: Final = "application/schema+json;version=draft-2020-12"
_BINDING: Final = "0.5.0"
_ATTRIBUTES: Final = "CloudEventAttributes"
_INFO: Final = {
    "title": "衔接 · Xianjie · 事件",
    "version": API_VERSION,
    "description": (
        "各服务发布的事件：CloudEvents 1.0 的 Kafka 二进制模式；键为聚合编号，同一键内有序，至少一次送达。"
        "消费方应忽略未知字段；新版本与旧版本并存。事件不含姓名、证件号码、电话、账号和健康信息。\n\n"
        "What the services publish: CloudEvents 1.0 in Kafka's binary mode; the key is the aggregate's id; in order "
        "per key, at least once. Ignore fields that you do not know; a new version comes beside the old one. No name, "
        "ID number, phone, account or health fact is in an event."
    ),
    "license": {"name": "Apache-2.0"},
}


def asyncapi(events: Iterable[type[Event]]) -> Document:
    """The document of ``events``: a channel for each topic, a message for each type."""
    known = sorted(events, key=lambda event: event.wire_type())
    components: Document = {"messages": {}, "schemas": {_ATTRIBUTES: _attributes()}}
    for event in known:
        components["messages"][event.wire_type()] = _message(event, components["schemas"])
    topics = topics_of(known)
    return {
        "asyncapi": "3.0.0",
        "id": "urn:xianjie:events",
        "info": _INFO,
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {f"{topic.name}.publish": _operation(topic) for topic in topics},
        "components": components,
    }


def join(documents: Mapping[str, Document]) -> Document:
    """One document of several services'; ``documents`` is not changed. Topics and types carry their service's name."""
    joined = asyncapi(())
    for _, document in sorted(documents.items()):
        joined["channels"] |= document["channels"]
        joined["operations"] |= document["operations"]
        for section, parts in document["components"].items():
            joined["components"].setdefault(section, {}).update(parts)
    return joined


def _channel(topic: Topic) -> Document:
    settings = topic.settings(replicas=REPLICAS)
    configuration: Document = {"cleanup.policy": [settings["cleanup.policy"]]}
    if "retention.ms" in settings:
        configuration["retention.ms"] = int(settings["retention.ms"])
    channel: Document = {
        "address": f"{{prefix}}.{topic.name}",
        "title": topic.name,
        "description": _keeping(topic),
        "parameters": {"prefix": {"default": "xianjie", "description": "XIANJIE_KAFKA_TOPIC_PREFIX"}},
        "messages": {wire_type: {"$ref": f"#/components/messages/{wire_type}"} for wire_type in topic.types},
        "tags": [{"name": topic.service}],
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "replicas": REPLICAS,
                "topicConfiguration": configuration,
                "bindingVersion": _BINDING,
            }
        },
    }
    if topic.readers is not None:
        channel["x-readers"] = sorted(topic.readers)
    return channel


def _keeping(topic: Topic) -> str:
    kept = (
        "Compacted: the newest event of each key stays for ever."
        if topic.compacted
        else "Kept for a time; the service's outbox keeps all, and can say them again."
    )
    return kept if topic.readers is None else f"{kept} Only {', '.join(sorted(topic.readers))} may read it."


def _operation(topic: Topic) -> Document:
    channel = f"#/channels/{topic.name}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "title": f"{topic.service} tells of {topic.name.partition('.')[2]}",
        "messages": [{"$ref": f"{channel}/messages/{wire_type}"} for wire_type in topic.types],
        "tags": [{"name": topic.service}],
    }


def _message(event: type[Event], schemas: Document) -> Document:
    """The message of a type; the schemas that its fields name go to the document's own."""
    wire_type = event.wire_type()
    template = f"#/components/schemas/{wire_type}.{{model}}"
    schema = event.model_json_schema(mode="validation", ref_template=template)
    for name, part in schema.pop("$defs", {}).items():
        schemas[f"{wire_type}.{name}"] = part
    schemas[wire_type] = {"$schema": DIALECT, **schema}
    message: Document = {
        "name": wire_type,
        "title": f"{event.type} v{event.version}",
        "summary": (inspect.getdoc(event) or "").partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "headers": {
            "allOf": [
                {"$ref": f"#/components/schemas/{_ATTRIBUTES}"},
                {
                    "type": "object",
                    "properties": {
                        "ce_type": {"const": wire_type},
                        "ce_source": {"const": f"/services/{event.service()}"},
                    },
                },
            ]
        },
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"#/components/schemas/{wire_type}"}},
        "correlationId": {"location": "$message.header#/traceparent"},
        "tags": [{"name": event.service()}],
        "bindings": {"kafka": {"key": {"type": "string", "format": "uuid"}, "bindingVersion": _BINDING}},
        "examples": [{"name": topic_name(wire_type), "payload": example_of(event)}],
    }
    if event.full_state:
        message["x-full-state"] = True
    return message


def _attributes() -> Document:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "Kafka headers: CloudEvents' attributes, and two extensions of ours.",
        "required": list(NAMES),
        "properties": {
            "ce_specversion": {"const": SPECVERSION},
            "ce_id": {**text, "format": "uuid", "description": "Unique for ever: take each id's effect once."},
            "ce_type": text,
            "ce_source": text,
            "ce_subject": {**text, "format": "uuid", "description": "The aggregate; also the record's key."},
            "ce_time": {**text, "format": "date-time", "description": "When it was recorded."},
            "ce_region": {**text, "pattern": "^[0-9]{12}$", "description": "Division code."},
            "ce_aggregateversion": {**text, "pattern": "^[0-9]{1,19}$", "description": "Rises with each change."},
            "ce_traceparent": {**text, "description": "W3C trace context, if there is one."},
            "traceparent": {**text, "description": "The same, where tracing tools look for it."},
            "ce_audience": {**text, "description": "The one consumer group it is for; others pass it over."},
            "content-type": {"const": CONTENT_TYPE},
        },
    }
