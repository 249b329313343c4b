"""Reach a platform through its gateway as the people who may sign in: each signs in once, like anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Protocol, Self

import httpx
import stamina

from chassis.errors import Language, Message

_POLL_SECONDS: Final = 0.1
_OVER: Final = frozenset({"succeeded", "failed", "cancelled"})
_PAGE: Final = 200
_PIECE_BYTES: Final = 1 << 18
_TRIES: Final = 6
_SECONDS: Final = httpx.Timeout(60, connect=5)
_AGAIN: Final = frozenset({httpx.codes.CONFLICT, httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})


class LoadRefused(Exception):
    """The platform refused something; the message says what and why, and holds no personal data."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.en)
        self.message = message


class _Busy(Exception):
    """Worth another try."""


Body = Callable[[], AsyncIterator[bytes]]


class Doors(Protocol):
    """Gives each officer a client that is signed in, with monitoring's address as its base."""

    async def of(self, username: str) -> httpx.AsyncClient: ...


class GatewayDoors:
    """Doors of a running platform; an async context manager that closes what it opened.

    :param passwords: of the people by user name.
    :param language: in which the platform answers them.
    """

    def __init__(self, address: str, passwords: Mapping[str, str], *, language: Language = "zh") -> None:
        self._address, self._passwords, self._language = address, passwords, language
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
                raise LoadRefused(Message(f"账号无法登录：{told}。", f"The user cannot sign in: {told}."))
            self._clients[username] = httpx.AsyncClient(
                base_url=f"{self._address}/v1/monitoring",
                headers={
                    "Authorization": f"Bearer {answer.json()['access_token']}",
                    "Accept-Language": self._language,
                },
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


async def ask(
    client: httpx.AsyncClient, method: str, path: str, *, body: Body | None = None, **request: Any
) -> httpx.Response:
    """One request, tried again while the platform is busy; whoever changes something gives a key, so that is safe.

    :param body: gives what is sent in pieces, from its beginning for each try.
    :raises LoadRefused: for any other refusal.
    """
    answer: httpx.Response | None = None
    try:
        async for attempt in stamina.retry_context(on=(_Busy, httpx.TransportError), attempts=_TRIES, timeout=60):
            with attempt:
                content = request if body is None else {**request, "content": body()}
                answer = await client.request(method, path, **content)
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


def file_body(path: Path, *, tell: Callable[[int], None] = lambda _sent: None) -> Body:
    """A file's bytes in pieces, read while they are sent; ``tell`` is told how many are."""

    async def pieces() -> AsyncIterator[bytes]:
        sent = 0
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece
                sent += len(piece)
                tell(sent)

    return pieces


async def over(
    client: httpx.AsyncClient, job_id: str, *, tell: Callable[[int, int], None] = lambda _done, _total: None
) -> dict[str, Any]:
    """The job once it has ended.

    :param tell: how much is done, of how much; 0 while that is not known.
    """
    while True:
        job: dict[str, Any] = (await ask(client, "GET", f"/jobs/{job_id}")).json()
        tell(job["progress"]["done"], job["progress"].get("total") or 0)
        if job["state"] in _OVER:
            return job
        await asyncio.sleep(_POLL_SECONDS)


async def each(client: httpx.AsyncClient, path: str, **query: Any) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, page by page."""
    cursor: dict[str, str] = {}
    while True:
        page = (await ask(client, "GET", path, params={"limit": _PAGE, **query, **cursor})).json()
        for item in page["items"]:
            yield item
        if not page.get("next_cursor"):
            return
        cursor = {"cursor": page["next_cursor"]}


def _refusal(method: str, path: str, answer: httpx.Response | None) -> LoadRefused:
    if answer is None:
        return LoadRefused(Message("平台没有应答。", "The platform does not answer."))
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    problem = answer.json() if is_problem else {}
    told = " ".join(f"{e.get('pointer')} {e.get('code')} {e.get('message')}" for e in problem.get("errors", [])[:5])
    place = "/".join("…" if len(part) == 36 else part for part in path.split("/"))
    words = (f"{method} {place}:", answer.status_code, problem.get("code"), problem.get("detail"), told)
    text = " ".join(str(word) for word in words if word)
    return LoadRefused(Message(f"平台拒绝了：{text}", f"The platform refused: {text}"))
