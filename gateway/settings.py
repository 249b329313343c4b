"""Read the gateway's settings from its environment into one frozen model.

Environment names carry the prefix ``XIANJIE_``; ``XIANJIE_UPSTREAMS`` is a JSON object such as
``{"monitoring": "unix:/run/xianjie/monitoring.sock", "funds": "http://127.0.0.1:8004"}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import Mode

OWN_NOUNS: Final = frozenset({"exchange", "partners", "problems", "profiles", "sync"})
"""First segments under ``/v1`` that are the gateway's own; no service may have such a name."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service listens: ``origin`` is scheme and authority; ``socket``, if set, is the Unix socket to use."""

    origin: str
    socket: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``http://host:port``, ``https://host:port`` or ``unix:/path``.

        :raises ValueError: saying which forms there are.
        """
        if text.startswith("unix:/"):
            return cls("http://localhost", text.removeprefix("unix:"))
        parts = urlsplit(text)
        plain = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username or parts.password)
        # .port raises ValueError itself if it is no number between 0 and 65535
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain or parts.port == 0:
            raise ValueError("give an upstream as http://host:port, https://host:port or unix:/path/of.sock")
        return cls(f"{parts.scheme}://{parts.netloc}")


def _checked(upstreams: Mapping[str, str]) -> Mapping[str, str]:
    for name, address in upstreams.items():
        if not _NAME.fullmatch(name):
            raise ValueError("name an upstream with lower-case letters, digits and hyphens, as in its path /v1/<name>")
        if name in OWN_NOUNS:
            raise ValueError(f"/v1/{name} is the gateway's own; give the upstream another name")
        Address.parse(address)
    return MappingProxyType(dict(upstreams))


class GatewaySettings(BaseSettings):
    """What the gateway needs to run. Sizes in bytes, times in seconds."""

    model_config = SettingsConfigDict(env_prefix="XIANJIE_", frozen=True, extra="ignore")

    mode: Mode = Mode.PRODUCTION
    upstreams: Annotated[Mapping[str, str], AfterValidator(_checked)] = Field(
        description="base address of each service by its name"
    )
    workers: Annotated[Mapping[str, str], AfterValidator(_checked)] = Field(
        default_factory=dict,
        description="address of each service's worker by the service's name; /health/status tells of them too",
    )
    upstream_ca_file: str | None = Field(None, description="PEM file of the authority that https upstreams are under")
    docs: bool = Field(True, description="whether /docs is served")
    public_url: str | None = Field(None, description="the address that clients know, for `servers` of the document")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="networks of our own proxies; only from there is X-Forwarded-For believed"
    )
    log_level: str = "INFO"

    body_bytes_max: int = Field(1_048_576, ge=1, description="of an ordinary request")
    upload_bytes_max: int = Field(1_073_741_824, ge=1, description="of a request whose path holds an upload segment")
    upload_segments: frozenset[str] = Field(
        frozenset({"batches", "corrections", "files", "imports", "national-exports", "submissions", "uploads"}),
        description="path segments under which files come in",
    )
    gathered_bytes_max: int = Field(
        65_536, ge=0, description="of a body that is waited for before it takes one of an upstream's connections"
    )
    header_bytes_max: int = Field(32_768, ge=1024, description="names and values of a request's headers together")
    header_fields_max: int = Field(100, ge=10)
    target_bytes_max: int = Field(8_192, ge=128, description="path and query together")

    connect_seconds_max: float = Field(2, gt=0)
    queue_seconds_max: float = Field(5, gt=0, description="waiting for one of an upstream's connections")
    send_seconds_max: float = Field(30, gt=0, description="for one piece of a request to be taken by an upstream")
    answer_seconds_max: float = Field(60, gt=0, description="for an upstream to begin, or go on with, its answer")
    client_seconds_max: float = Field(60, gt=0, description="for a client to send, or take, one piece")
    exchange_seconds_max: float = Field(3600, gt=0, description="for a whole exchange, uploads and exports included")

    connections_max: int = Field(64, ge=1, le=1000, description="to one upstream at once, for requests at hand")
    incoming_max: int = Field(
        128, ge=1, le=1000, description="to one upstream at once beside these, for requests whose body is still coming"
    )
    queue_max: int = Field(256, ge=0, description="requests that may wait for a connection to one upstream")
    idle_connection_seconds: float = Field(
        15, gt=0, description="kept open unused; shorter than the services' 30 s, so that they never close one first"
    )
    breaker_failures: int = Field(5, ge=1, description="in a row, until an upstream counts as down")
    breaker_seconds: float = Field(
        5, gt=0, description="that a down upstream is left alone before one request tries it"
    )

    document_fresh_seconds: float = Field(10, ge=0, description="that a service's OpenAPI document is taken as current")
    document_seconds_max: float = Field(3, gt=0, description="for a service to hand over its document once more")
    document_first_seconds_max: float = Field(
        60, gt=0, description="for the first time: a process makes it then, on a busy machine in half a minute"
    )
    status_seconds_max: float = Field(2, gt=0, description="for a service to tell its state")
    status_fresh_seconds: float = Field(1, ge=0, description="that an answer of /health/status is given again")

    @model_validator(mode="after")
    def _uploads_are_larger(self) -> Self:
        if self.upload_bytes_max < self.body_bytes_max:
            raise ValueError("upload_bytes_max must not be below body_bytes_max")
        return self

    @property
    def addresses(self) -> dict[str, Address]:
        return {name: Address.parse(address) for name, address in self.upstreams.items()}

    @property
    def worker_addresses(self) -> dict[str, Address]:
        """By the names that the programs have in ``/health/status``."""
        return {f"{name}-worker": Address.parse(address) for name, address in self.workers.items()}
