"""Keep the platform's one OpenAPI document: 3.1, the 3.0.3 derived from it, and the catalogue of problems."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
import structlog

from chassis.heap import give_back
from chassis.http.application import API_VERSION
from chassis.http.kept_answers import KeptAnswer
from gateway.contract_document.derive_30 import derive
from gateway.contract_document.join import OWN, join
from gateway.contract_document.sources import Copy, Source, refresh
from gateway.settings import GatewaySettings
from gateway.upstreams import Upstreams

INFO: Final = {
    "title": "衔接 · Xianjie",
    "version": API_VERSION,
    "description": (
        "县、省防返贫动态监测与衔接的开放后端；金额以元计，两位小数；区划为 12 位代码；"
        "每个 4xx、5xx 均为 application/problem+json，目录见 /v1/problems。\n\n"
        "The open back end that counties and provinces use to keep people from falling back into poverty. Money is in "
        "元 with two decimals, divisions are 12-digit codes, every 4xx and 5xx is application/problem+json with its "
        "catalogue at /v1/problems."
    ),
}
_JSON: Final = "application/json"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Contract:
    """What the platform says of itself at one moment."""

    openapi_31: KeptAnswer
    openapi_30: KeptAnswer
    problems: tuple[dict[str, Any], ...]


class ContractDocument:
    """Joins the services' documents when asked, and again only if one of them has changed or gone.

    ``x-services`` in the document tells for each service whether its part is ``current``, the ``last_good`` copy of one
    that does not answer, or ``missing``.
    """

    def __init__(
        self,
        upstreams: Upstreams,
        settings: GatewaySettings,
        own: Callable[[], dict[str, Any]],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        :param own: makes the document of the gateway's own operations.
        """
        self._sources = [
            Source(
                upstream,
                fresh_seconds=settings.document_fresh_seconds,
                seconds_max=settings.document_seconds_max,
                first_seconds_max=settings.document_first_seconds_max,
                monotonic=monotonic,
            )
            for upstream in upstreams.values()
        ]
        self._own = own
        self._servers = [{"url": settings.public_url or "/"}]
        self._joining = asyncio.Lock()
        self._known: tuple[object, Contract] | None = None

    async def current(self) -> Contract:
        """The contract, with what each service said at most ``document_fresh_seconds`` ago."""
        if self._known is not None and not any(source.is_due for source in self._sources):
            return self._known[1]
        async with self._joining:
            await refresh(self._sources)
            version = tuple((source.state, source.copy.digest if source.copy else "") for source in self._sources)
            if self._known is None or self._known[0] != version:
                self._known = (version, await self._joined())
            return self._known[1]

    async def _joined(self) -> Contract:
        copies = {source.name: source.copy for source in self._sources if source.copy is not None}
        states: dict[str, dict[str, str]] = {source.name: {"state": source.state} for source in self._sources}
        contract, conflicts = await asyncio.to_thread(_made, self._own(), copies, states, self._servers)
        give_back()  # as objects the documents took tens of megabytes
        if conflicts:
            _log.error("service_documents_conflict", conflicts=conflicts)
        return contract


def _made(
    own: dict[str, Any],
    copies: Mapping[str, Copy],
    states: dict[str, dict[str, str]],
    servers: list[dict[str, Any]],
) -> tuple[Contract, list[dict[str, Any]]]:
    documents = {OWN: own} | {name: copy.document for name, copy in copies.items()}
    document = join(documents, info=INFO, servers=servers)
    document["x-services"] = states
    contract = Contract(
        openapi_31=KeptAnswer(orjson.dumps(document), _JSON),
        openapi_30=KeptAnswer(orjson.dumps(derive(document)), _JSON),
        problems=tuple(document["x-problems"]),
    )
    return contract, document.get("x-conflicts", [])
