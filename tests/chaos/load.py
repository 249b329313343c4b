"""Cadres who write without a pause, repeat what was not answered, and note what was acknowledged."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final
from uuid import UUID

import httpx

from chassis.identifiers import new_id
from tests.personas import household

CLIENTS: Final = 8
_PAUSE_SECONDS: Final = 0.1
_AGAIN_SECONDS_MAX: Final = 0.5
_ANSWER_SECONDS_MAX: Final = 15
_PATCHES_MAX: Final = 3


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One write that was answered with success: when it was first sent and when answered, on the monotonic clock."""

    began: float
    answered: float
    household: UUID
    version: int


@dataclass
class Notes:
    """What the clients saw.

    :ivar refusals: every answer that was neither a success nor "the service is unavailable, retry later".
    """

    acknowledged: list[Acknowledged] = field(default_factory=list)
    versions: dict[UUID, int] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    refusals: list[str] = field(default_factory=list)

    def after(self, moment: float) -> Iterator[Acknowledged]:
        """Writes that began after ``moment``, the newest first."""
        for write in reversed(self.acknowledged):
            if write.answered < moment:
                return
            if write.began > moment:
                yield write


class Client:
    """One cadre: registers a household, corrects it a few times, goes on to the next."""

    def __init__(self, address: str, token: str, notes: Notes, random: Random) -> None:
        self._notes = notes
        self._random = random
        self._http = httpx.AsyncClient(
            base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=_ANSWER_SECONDS_MAX
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Write until ``stop``; the write in hand is still brought to its answer."""
        async with self._http:
            while not stop.is_set():
                made = await self._write("POST", "/households", household())
                for turn in range(self._random.randrange(_PATCHES_MAX + 1)):
                    if made is None or stop.is_set():
                        break
                    change = {"address": f"松坪村{turn + 2}组"}
                    made = await self._write("PATCH", f"/households/{made['id']}", change, version=made["version"])

    async def _write(self, method: str, path: str, body: Any, *, version: int | None = None) -> Any:
        """Send one write, with the same key again until it is answered; None if it was refused."""
        await asyncio.sleep(self._random.random() * 2 * _PAUSE_SECONDS)
        headers = {"Idempotency-Key": str(new_id())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        began, is_repeated = time.monotonic(), False
        while True:
            answer = await self._answer(method, path, json=body, headers=headers)
            if answer is not None and answer.is_success:
                return self._note(began, answer.json())
            if answer is not None and answer.status_code == httpx.codes.PRECONDITION_FAILED and is_repeated:
                # If-Match keeps a correction from being made twice: look whether it was ours that came in between.
                now = await self._answer("GET", path)
                if now is not None and now.is_success:
                    there = now.json()
                    if there["version"] == (version or 0) + 1 and body.items() <= there.items():
                        return self._note(began, there)
                    self._notes.refusals.append(f"{method} is at version {there['version']}, sent was {version}")
                    return None
            elif answer is not None and not _is_to_be_repeated(answer):
                self._notes.refusals.append(f"{method} {answer.status_code} {answer.text[:300]}")
                return None
            is_repeated = True
            await asyncio.sleep(self._random.random() * _AGAIN_SECONDS_MAX)

    async def _answer(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        """One request; None if no answer came."""
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.TransportError as error:
            self._notes.answers[type(error).__name__] += 1
            return None
        self._notes.answers[str(answer.status_code)] += 1
        return answer

    def _note(self, began: float, made: Any) -> Any:
        write = Acknowledged(began, time.monotonic(), UUID(made["id"]), made["version"])
        self._notes.acknowledged.append(write)
        self._notes.versions[write.household] = write.version
        return made


def _is_to_be_repeated(answer: httpx.Response) -> bool:
    """503, or 409 while the same key is still at work; both must say after how long."""
    return answer.status_code in (409, 503) and "Retry-After" in answer.headers
