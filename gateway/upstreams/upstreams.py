"""All programs behind the gateway, by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Self

from gateway.settings import Address, GatewaySettings
from gateway.upstreams.breaker import Breaker
from gateway.upstreams.upstream import Upstream


class Upstreams(Mapping[str, Upstream]):
    """Read-only; opens no connection until one is needed."""

    def __init__(self, upstreams: Mapping[str, Upstream]) -> None:
        self._upstreams = dict(upstreams)

    @classmethod
    def of(cls, settings: GatewaySettings, *, monotonic: Callable[[], float] = time.monotonic) -> Self:
        """The services, to which requests go on."""
        return cls._at(settings.addresses, settings, monotonic)

    @classmethod
    def workers_of(cls, settings: GatewaySettings, *, monotonic: Callable[[], float] = time.monotonic) -> Self:
        """The services' workers, which are only asked how they are."""
        return cls._at(settings.worker_addresses, settings, monotonic)

    @classmethod
    def _at(cls, addresses: Mapping[str, Address], settings: GatewaySettings, monotonic: Callable[[], float]) -> Self:
        def make(name: str) -> Upstream:
            breaker = Breaker(
                failures_max=settings.breaker_failures, rest_seconds=settings.breaker_seconds, monotonic=monotonic
            )
            return Upstream(name, addresses[name], settings, breaker)

        return cls({name: make(name) for name in sorted(addresses)})

    def __getitem__(self, name: str) -> Upstream:
        return self._upstreams[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._upstreams)

    def __len__(self) -> int:
        return len(self._upstreams)

    async def aclose(self) -> None:
        for upstream in self._upstreams.values():
            await upstream.aclose()
