"""Make the declared topics, tell how those that exist differ, and change what can be changed without harm.

Partitions and replicas of a topic that exists are never touched: more partitions would send a key's next events
elsewhere, out of order. That takes a new topic, or a maintenance window and a replay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from chassis.bus.kafka.connection import AWAY, Connection, settings_of
from chassis.bus.protocol import BusAway
from chassis.bus.topics import REPLICAS, Topic
from chassis.settings import KafkaSettings

FIXED: Final = frozenset({"partitions", "replicas"})
VISIBLE_SECONDS_MAX: Final = 30.0
_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a topic is not as declared. ``found`` is None if the setting was left to the broker."""

    topic: str
    setting: str
    wanted: str
    found: str | None

    @property
    def can_be_changed(self) -> bool:
        return self.setting not in FIXED


@dataclass(frozen=True, slots=True)
class Applied:
    """What :func:`apply` found and did."""

    made: tuple[str, ...]
    differences: tuple[Difference, ...]
    changed: tuple[Difference, ...]


async def apply(
    settings: KafkaSettings, topics: Collection[Topic], *, replicas: int | None = None, change: bool = False
) -> Applied:
    """Make the topics that are missing, and compare the others. Running it again does nothing more.

    :param replicas: of each event; three where there are as many brokers, else one.
    :param change: also bring settings of existing topics to what is declared.
    :raises BusAway: if the broker refuses or does not answer.
    """
    connection = Connection(settings, "xianjie-topics")
    declared = {connection.named(topic.name): topic for topic in topics}
    async with connection.admin() as admin:
        try:
            brokers = len((await admin.describe_cluster())["brokers"])
            copies = replicas or (REPLICAS if brokers >= REPLICAS else 1)
            there = set(await admin.list_topics())
            missing = sorted(declared.keys() - there)
            await _make(admin, {name: declared[name] for name in missing}, copies)
            known = {name: topic for name, topic in declared.items() if name in there}
            differences = await _compare(admin, known, copies)
            changed = await _change(admin, differences) if change else ()
        except AWAY as error:
            raise BusAway(f"the broker refused: {type(error).__name__}") from error
    left = tuple(each for each in differences if each not in changed)
    return Applied(tuple(missing), left, tuple(changed))


async def _make(admin: Any, topics: Mapping[str, Topic], copies: int) -> None:
    if not topics:
        return
    new = [
        NewTopic(name, topic.partitions, copies, topic_configs=dict(topic.settings(replicas=copies)))
        for name, topic in topics.items()
    ]
    for name, code, *_ in (await admin.create_topics(new)).topic_errors:
        if code and for_code(code) is not TopicAlreadyExistsError:  # somebody else was first
            raise for_code(code)(name)
    await _heard(lambda: _are_visible(admin, topics))


async def _heard(is_visible: Callable[[], Awaitable[bool]]) -> None:
    """Return when brokers tell what their controller answered before: whoever asks one of them next must find it."""
    async with asyncio.timeout(VISIBLE_SECONDS_MAX):
        while not await is_visible():  # noqa: ASYNC110  # nobody would set an event
            await asyncio.sleep(_POLL_SECONDS)


async def _are_visible(admin: Any, topics: Mapping[str, Topic]) -> bool:
    described = {each["topic"]: each for each in await admin.describe_topics(list(topics))}
    for name, topic in topics.items():
        leaders = [partition["leader"] for partition in described[name]["partitions"]]
        if len(leaders) != topic.partitions or min(leaders) < 0:
            return False
    try:
        await settings_of(admin, topics)
    except UnknownTopicOrPartitionError:
        return False
    return True


async def _compare(admin: Any, topics: Mapping[str, Topic], copies: int) -> Sequence[Difference]:
    if not topics:
        return ()
    found = await settings_of(admin, topics)
    described = {each["topic"]: each["partitions"] for each in await admin.describe_topics(list(topics))}
    differences = []
    for name, topic in topics.items():
        partitions = described[name]
        is_now = {
            **found[name],
            "partitions": str(len(partitions)),
            "replicas": str(len(partitions[0]["replicas"])),
        }
        wanted = {"partitions": str(topic.partitions), "replicas": str(copies), **topic.settings(replicas=copies)}
        differences += [
            Difference(name, setting, value, is_now.get(setting))
            for setting, value in wanted.items()
            if is_now.get(setting) != value
        ]
    return differences


async def _change(admin: Any, differences: Sequence[Difference]) -> Sequence[Difference]:
    """Set what can be set, keeping what an operator set beside it: the request replaces all of a topic's settings."""
    changed = [each for each in differences if each.can_be_changed]
    kept = await settings_of(admin, {each.topic for each in changed}, changed_only=True)
    wanted = {
        name: own | {each.setting: each.wanted for each in changed if each.topic == name} for name, own in kept.items()
    }
    for name, values in wanted.items():
        (response,) = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, values)])
        for code, *_ in response.resources:
            if code:
                raise for_code(code)(name)

    async def are_set() -> bool:
        return await settings_of(admin, wanted, changed_only=True) == wanted

    await _heard(are_set)
    return changed
