"""Reach the platform as the people of the sample county: each signs in once, at the gateway, like anybody else."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Protocol, Self

import httpx
import stamina

from chassis.errors import Message

_TRIES: Final = 6
_SECONDS: Final = httpx.Timeout(60, connect=5)
_AGAIN: Final = frozenset({httpx.codes.CONFLICT, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})


class LoadRefused(Exception):
    """The platform refused something of the sample; the message says what and why, and holds no personal data."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class _Busy(Exception):
    """Worth another try."""


class Doors(Protocol):
    """Gives each officer a client that is signed in, with monitoring's address as its base."""

    async def of(self, username: str) -> httpx.AsyncClient: ...


class GatewayDoors:
    """Doors of a running platform; an async context manager that closes what it opened.

    :param passwords: of the sample's officers by user name.
    """

    def __init__(self, address: str, passwords: Mapping[str, str]) -> None:
        self._address, self._passwords = address, passwords
        self._clients: dict[str, httpx.AsyncClient] = {}

    async def of(self, username: str) -> httpx.AsyncClient:
        """
        :raises LoadRefused: if the user name or the password is not taken.
        """
        if username not in self._clients:
            form = {"grant_type": "password", "username": username, "password": self._passwords[username]}
            async with httpx.AsyncClient(base_url=self._address, timeout=_SECONDS) as client:
                answer = await client.post("/oauth2/token", data=form)
            if answer.status_code != httpx.codes.OK:
                told = f"{username}: {answer.status_code}"
                raise LoadRefused(Message(f"示例账号无法登录：{told}。", f"A sample user cannot sign in: {told}."))
            self._clients[username] = httpx.AsyncClient(
                base_url=f"{self._address}/v1/monitoring",
                headers={"Authorization": f"Bearer {answer.json()['access_token']}"},
                timeout=_SECONDS,
            )
        return self._clients[username]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients.values():
            await client.aclose()


async def ask(client: httpx.AsyncClient, method: str, path: str, **request: Any) -> httpx.Response:
    """One request, tried again while the platform is busy; every change of the sample bears a key, so that is safe.

    :raises LoadRefused: for any other refusal.
    """
    answer: httpx.Response | None = None
    try:
        async for attempt in stamina.retry_context(on=(_Busy, httpx.TransportError), attempts=_TRIES, timeout=60):
            with attempt:
                answer = await client.request(method, path, **request)
                if answer.status_code in _AGAIN and "Retry-After" in answer.headers:
                    raise _Busy
    except _Busy:
        pass
    except httpx.TransportError as error:
        raise LoadRefused(
            Message("平台没有应答，请先 make run。", "The platform does not answer; start it first.")
        ) from error
    if answer is None or answer.is_error:
        raise _refusal(method, path, answer)
    return answer


def _refusal(method: str, path: str, answer: httpx.Response | None) -> LoadRefused:
    if answer is None:
        return LoadRefused(Message("平台没有应答。", "The platform does not answer."))
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    problem = answer.json() if is_problem else {}
    told = "; ".join(f"{e.get('pointer')} {e.get('code')}" for e in problem.get("errors", [])[:5])
    place = "/".join("…" if len(part) == 36 else part for part in path.split("/"))
    text = f"{method} {place}: {answer.status_code} {problem.get('code', '')} {told}".strip()
    return LoadRefused(Message(f"平台拒绝了示例数据：{text}", f"The platform refused the sample: {text}"))
