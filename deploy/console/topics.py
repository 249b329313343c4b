"""Make and look at the broker's topics, as the event classes declare them."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from pydantic import ValidationError

from chassis.bus.kafka.provision import apply as apply_topics
from chassis.bus.protocol import BusAway
from chassis.bus.topics import RETENTION_DAYS, Topic, topics_of
from chassis.errors import Message
from chassis.settings import KafkaSettings
from deploy.console.saying import fail, out, say
from deploy.embedded.installation import SERVICES

app = typer.Typer(no_args_is_help=True)


def declared() -> list[Topic]:
    """Every topic of the platform."""
    return topics_of(event for service in SERVICES for event in service.events)


def readers() -> dict[str, set[str]]:
    """By topic the services that react to something on it, by their subscriptions and projections."""
    found: dict[str, set[str]] = {}
    for service in SERVICES:
        events = {subscription.event for subscription in service.subscriptions}
        for projection in service.projections:
            events |= {subscription.event for subscription in projection.subscriptions}
        for topic in topics_of(events):
            found.setdefault(topic.name, set()).add(service.name)
    return found


@app.command(name="list")
def list_() -> None:
    """列出声明的主题 / list the topics as declared."""
    for topic in declared():
        kept = "compacted" if topic.compacted else f"{RETENTION_DAYS} days"
        who = ", ".join(sorted(topic.readers)) if topic.readers is not None else "all"
        out.print(f"{topic.name:<28} {topic.partitions:>3}  {kept:<10} readers: {who}", markup=False)
        for wire_type in topic.types:
            out.print(f"    {wire_type}", markup=False)


@app.command()
def apply(
    replicas: Annotated[int | None, typer.Option(min=1, max=7, help="副本数 / copies of each event")] = None,
    *,
    change: Annotated[bool, typer.Option("--change", help="也修改已有主题的设置 / change existing topics too")] = False,
) -> None:
    """按声明建立主题并报告差异 / make what is missing, tell what differs (XIANJIE_KAFKA_*)."""
    try:
        applied = asyncio.run(apply_topics(_settings(), declared(), replicas=replicas, change=change))
    except BusAway as away:
        fail(Message(f"Kafka 没有完成：{away}", f"Kafka did not do it: {away}"))
    for topic in applied.made:
        say(Message(f"已建立 {topic}", f"made {topic}"))
    for done in applied.changed:
        say(Message(f"已修改 {done.topic} {done.setting}", f"changed {done.topic} {done.setting} to {done.wanted}"))
    for each in applied.differences:
        what = f"{each.topic} {each.setting}: {each.found} → {each.wanted}"
        if each.can_be_changed:
            say(Message(f"不同：{what}（加 --change 修改）", f"differs: {what} (--change changes it)"))
        else:
            told = f"differs: {what} (never changed: docs/topics.md)"
            say(Message(f"不同：{what}（不会修改，见 docs/topics.md）", told))
    if applied.differences:
        raise typer.Exit(2)
    if not applied.made and not applied.changed:
        say(Message("主题已与声明一致。", "The topics are as declared."))


@app.command()
def acls() -> None:
    """列出各服务应有的权限 / list what each service's user must be allowed, for kafka-acls."""
    settings = _settings()
    heard = readers()
    consumers: set[str] = set()
    for topic in declared():
        name = f"{settings.topic_prefix}.{topic.name}"
        _allow(topic.service, f"--operation Write --operation Describe --topic {name}")
        # A restricted topic names its readers itself; of the others whoever subscribes reads.
        for service in sorted(topic.readers if topic.readers is not None else heard.get(topic.name, ())):
            _allow(service, f"--operation Read --operation Describe --operation DescribeConfigs --topic {name}")
            consumers.add(service)
    for service in sorted(consumers):
        group = f"{settings.topic_prefix}.{service}"
        _allow(service, f"--operation Read --resource-pattern-type prefixed --group {group}")


def _allow(service: str, what: str) -> None:
    out.print(f"--add --allow-principal User:{service} {what}", markup=False)


def _settings() -> KafkaSettings:
    try:
        return KafkaSettings()
    except ValidationError as error:
        names = ", ".join(f"XIANJIE_KAFKA_{'_'.join(map(str, found['loc'])).upper()}" for found in error.errors())
        return fail(Message(f"Kafka 的设置不完整或有误：{names}", f"Kafka's settings are missing or wrong: {names}"))
