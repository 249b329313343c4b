"""Say once how every client of ours reaches the broker, and what topics and groups are called there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code
from aiokafka.helpers import create_ssl_context

from chassis.bus.protocol import BusAway
from chassis.bus.topics import topic_name
from chassis.settings import KafkaSettings

REQUEST_SECONDS_MAX: Final = 10.0
START_SECONDS_MAX: Final = 30.0
STOP_SECONDS_MAX: Final = 5.0
AWAY: Final = (KafkaError, OSError, TimeoutError, asyncio.TimeoutError)
"""What a client raises while the broker cannot be used."""
_OF_THE_TOPIC: Final = 1  # the protocol's code for a setting that was made for this topic


class Connection:
    """The way to one cluster, for one program.

    :param client: what the broker's log calls us.
    """

    def __init__(self, settings: KafkaSettings, client: str) -> None:
        self._prefix = settings.topic_prefix
        self.options: dict[str, Any] = {
            "bootstrap_servers": settings.bootstrap_servers.split(","),
            "client_id": client,
            "request_timeout_ms": int(REQUEST_SECONDS_MAX * 1000),
            "security_protocol": settings.security_protocol,
            # A restarted broker must be found again long before the five minutes of the default.
            "metadata_max_age_ms": 60_000,
        }
        if settings.security_protocol.endswith("SSL"):
            ca_file = str(settings.ca_file) if settings.ca_file is not None else None
            self.options["ssl_context"] = create_ssl_context(cafile=ca_file)
        if settings.username is not None and settings.password is not None:
            self.options["sasl_mechanism"] = settings.sasl_mechanism
            self.options["sasl_plain_username"] = settings.username
            self.options["sasl_plain_password"] = settings.password.get_secret_value()

    def named(self, name: str) -> str:
        """The broker's name of a topic or group of ours."""
        return f"{self._prefix}.{name}"

    def topic(self, wire_type: str) -> str:
        """The broker's name of the topic that carries ``wire_type``."""
        return self.named(topic_name(wire_type))

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Any]:
        """An administrator's client.

        :raises BusAway: if the broker does not answer.
        """
        client = AIOKafkaAdminClient(**self.options)
        try:
            async with asyncio.timeout(START_SECONDS_MAX):
                await client.start()
            yield client
        except AWAY as error:
            raise BusAway(f"the broker does not answer: {type(error).__name__}") from error
        finally:
            await client.close()

    async def require(self, topics: Iterable[str]) -> None:
        """See that topics exist, without asking for them by name: some brokers would make them, with any settings.

        :raises BusAway: if one is missing, or the broker does not answer.
        """
        async with self.admin() as admin:
            missing = sorted(set(topics) - set(await admin.list_topics()))
        if missing:
            raise BusAway(f"no such topic: {', '.join(missing)}; make them with `xianjie topics apply`")

    async def compacted(self, topics: Iterable[str]) -> frozenset[str]:
        """Those of ``topics`` whose offsets have gaps by design.

        :raises BusAway: if the broker does not answer.
        """
        async with self.admin() as admin:
            found = await settings_of(admin, topics)
        return frozenset(topic for topic, settings in found.items() if "compact" in settings["cleanup.policy"])


async def settings_of(admin: Any, topics: Iterable[str], *, changed_only: bool = False) -> dict[str, dict[str, str]]:
    """Settings of topics as the broker has them.

    :param changed_only: without the broker's defaults.
    """
    resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources) if resources else ():
        for code, _, _, topic, entries in (resource[:5] for resource in response.resources):
            if code:
                raise for_code(code)(topic)
            found[topic] = {entry[0]: entry[1] for entry in entries if not changed_only or entry[3] == _OF_THE_TOPIC}
    return found
