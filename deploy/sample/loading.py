"""Load the county through the public API. A load that was cut off is simply run again: what is there is not done twice.

Each change bears an Idempotency-Key made of the seed and the thing, so a repeated load changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from chassis.errors import Message
from chassis.types import fen_to_yuan
from deploy.progress import Progress, Tell
from deploy.sample.doors import Doors, LoadRefused, ask, file_body, over
from deploy.sample.writing import FILES, HOUSEHOLDS, INCOMES, LINES, REGIONS, SUBMISSIONS

PARALLEL: Final = 8
"""Requests under way at once, below the size of a service's pool."""

_SOURCE: Final = "示例数据（虚构）"
_READING: Final = frozenset({"received", "reading"})


_REGIONS = Message("区划", "divisions")
_LINES = Message("监测线", "lines")
_HOUSEHOLDS = Message("农户", "households")
_INCOMES = Message("收支", "incomes")
_FILES = Message("部门文件", "department files")


class Loader:
    """Loads what :func:`deploy.sample.writing.write_county` wrote into ``folder``.

    :param seed: of the county; part of every key, so that another county is not taken for a repetition.
    """

    def __init__(self, folder: Path, seed: int, doors: Doors, *, tell: Tell | None = None) -> None:
        self._folder, self._seed, self._doors = folder, seed, doors
        self._tell = tell or (lambda _progress: None)

    async def load(self) -> list[dict[str, Any]]:
        """Load everything, in order; gives the batch of each file as it was read, as ``submissions.json`` lists them.

        :raises LoadRefused: with what was refused and why.
        """
        await self._load_regions()
        await self._load_lines()
        await self._load_households()
        await self._load_incomes()
        return await self._load_files()

    async def _load_regions(self) -> None:
        county = await self._doors.of("county-1")
        content = (self._folder / REGIONS).read_bytes()
        answer = await ask(
            county, "POST", "/regions/import", content=content, headers=self._key("regions", mime="text/csv")
        )
        result = answer.json()
        if result["rejected"]:
            raise LoadRefused(Message("示例区划有误。", f"{result['rejected']} divisions of the sample were rejected."))
        self._tell(Progress(_REGIONS, result["total"], result["total"]))

    async def _load_lines(self) -> None:
        lines = orjson.loads((self._folder / LINES).read_bytes())
        for done, line in enumerate(lines, start=1):
            level = "province" if line["kind"] == "base_line" else "county"
            proposer, confirmer = await self._doors.of(f"{level}-1"), await self._doors.of(f"{level}-2")
            key = f"line-{line['id']}"
            made = (await ask(proposer, "POST", "/lines", json=line, headers=self._key(key))).json()
            confirm = self._key(f"{key}-confirm") | {"If-Match": f'"{made["version"]}"'}
            await ask(confirmer, "POST", f"/lines/{made['id']}/confirm", headers=confirm)
            self._tell(Progress(_LINES, done, len(lines)))

    async def _load_households(self) -> None:
        path = self._folder / HOUSEHOLDS
        county = await self._doors.of("county-1")
        headers = self._key("households", mime="application/x-ndjson")
        answer = await ask(county, "POST", "/households/imports", body=file_body(path), headers=headers)

        def tell(done: int, total: int) -> None:
            self._tell(Progress(_HOUSEHOLDS, done, total))

        job = await over(county, answer.json()["job_id"], tell=tell)
        result = job.get("result") or {}
        if job["state"] != "succeeded" or result.get("refused"):
            code = (job.get("error") or {}).get("code", "")
            told = f"{job['state']} {code} {result.get('refused', 0)}"
            raise LoadRefused(
                Message(f"示例农户未能导入：{told}", f"The sample's households were not imported: {told}")
            )

    async def _load_incomes(self) -> None:
        county = await self._doors.of("county-1")
        total = _count_lines(self._folder / HOUSEHOLDS)

        async def record(entry: tuple[str, list[dict[str, Any]]]) -> None:
            household, lines = entry
            path = f"/households/{household}/income-statements"
            await ask(county, "POST", path, json={"lines": lines}, headers=self._key(f"income-{household}"))

        await self._each(_statements(self._folder / INCOMES), record, _INCOMES, total)

    async def _load_files(self) -> list[dict[str, Any]]:
        entries = orjson.loads((self._folder / SUBMISSIONS).read_bytes())
        batches = []
        for place, entry in enumerate(entries):
            batches.append(await self._hand_in(entry, place))
            self._tell(Progress(_FILES, place + 1, len(entries)))
        return batches

    async def _hand_in(self, entry: dict[str, Any], place: int) -> dict[str, Any]:
        clerk = await self._doors.of(f"clerk-{entry['department']}")
        dataset, period = entry["dataset"], entry["period"]
        if entry["mapping"]:
            await self._put(clerk, f"/datasets/{dataset}/mapping", {"mapping": entry["mapping"]})
        if entry["closes_on"]:
            days = {"opens_on": f"{period}-01", "closes_on": entry["closes_on"]}
            await self._put(await self._doors.of("county-1"), f"/datasets/{dataset}/periods/{period}", days)
        answer = await ask(
            clerk, "POST", f"/datasets/{dataset}/submissions", params={"period": period},
            body=file_body(self._folder / FILES / entry["file"]), headers=self._key(f"file-{place}-{entry['file']}"),
        )  # fmt: skip
        submitted: dict[str, Any] = answer.json()
        batch: dict[str, Any] = submitted["submission"]
        if submitted["job_id"] is not None:
            await over(clerk, submitted["job_id"])
        batch = (await ask(clerk, "GET", f"/submissions/{batch['id']}")).json()
        if batch["state"] in _READING:
            told = f"{dataset} {period}"
            raise LoadRefused(
                Message(f"部门文件未能读完：{told}", f"A department file was not read to its end: {told}")
            )
        return batch | {"repeated": submitted["repeated"]}

    async def _put(self, client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> None:
        """Set it, unless it says so already."""
        known = await client.get(path)
        headers = {}
        if known.status_code == httpx.codes.OK:
            if all(known.json().get(name) == value for name, value in body.items()):
                return
            headers["If-Match"] = f'"{known.json()["version"]}"'
        await ask(client, "PUT", path, json=body, headers=headers)

    async def _each(
        self, entries: Iterable[Any], work: Callable[[Any], Awaitable[None]], step: Message, total: int
    ) -> None:
        """Do ``work`` for every entry, a few at once; entries are taken as there is room."""
        waiting = iter(entries)
        done = 0

        async def worker() -> None:
            nonlocal done
            for entry in waiting:
                await work(entry)
                done += 1
                self._tell(Progress(step, done, total))

        async with asyncio.TaskGroup() as group:
            for _ in range(PARALLEL):
                group.create_task(worker())

    def _key(self, thing: str, *, mime: str | None = None) -> dict[str, str]:
        key = {"Idempotency-Key": f"sample-{self._seed}-{thing}"[:128]}
        return key | ({"Content-Type": mime} if mime else {})


def _statements(path: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each household's lines as the API takes them; a household's lines stand together in the file."""
    with path.open("rb") as file:
        for household, lines in groupby(map(orjson.loads, file), key=lambda line: line["household_id"]):
            yield household, [_income_line(line) for line in lines]


def _income_line(line: dict[str, Any]) -> dict[str, Any]:
    told = {"id": line["id"], "kind": line["kind"], "amount": fen_to_yuan(line["amount_fen"]), "on": line["on"]}
    return told | {"source": _SOURCE} | ({"person_id": line["person_id"]} if line["person_id"] else {})


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
