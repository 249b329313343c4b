"""Questions to the statistics that are asked once more as known then, with every list behind a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.services.monitoring.cases.village import made

GROUPINGS: Final = (None, "type", "risk", "basis", "month", "region")
LISTED: Final = (None, "basis", "month")
"""By what figures are told apart whose lists are asked for too; the others narrow them in the same way."""
FIGURES, DURATIONS, LIST = "/statistics/figures", "/statistics/durations", "/statistics/households"


@dataclass
class Asked:
    """What somebody was told of a division: the figures, who is behind them, and how long its cases took.

    :param groupings: by what figures are told apart, where not every way is worth its time.
    """

    client: httpx.AsyncClient
    region: int
    groupings: Sequence[str | None] = GROUPINGS
    told: list[tuple[str, Mapping[str, str], Any]] = field(default_factory=list)

    async def now(self, **on: str) -> Asked:
        """Ask everything, and at once again as known then: the present rows and the past tell the same."""
        is_village = self.region % 1000 != 0
        for by in self.groupings:
            if by == "region" and is_village:
                continue
            await self._ask(FIGURES, "on", **on, **({"by": by} if by else {}))
        if not on:
            await self._ask(DURATIONS, "since", "until")
        for path, pinned, answer in self.told:
            if path != LIST:
                assert made(await self.client.get(path, params=pinned)) == answer, (path, pinned)
        return self

    async def again(self) -> None:
        """Everything is told as it was."""
        for path, pinned, answer in self.told:
            assert made(await self.client.get(path, params=pinned)) == answer, (path, pinned)

    def groups(self, by: str) -> dict[str, tuple[int, int]]:
        """Registered households and people by what they were told apart."""
        [answer] = [one for _path, pinned, one in self.told if pinned.get("by") == by]
        return {
            group["key"]: (figure["households"], figure["persons"])
            for group in answer["groups"]
            for figure in group["figures"]
            if figure["figure"] == "registered"
        }

    def reached(self) -> dict[str, tuple[int, int | None]]:
        """How many cases came how far, and the longest time that it took, in days."""
        [answer] = [one for path, _pinned, one in self.told if path == DURATIONS]
        return {one["stage"]: (one["cases"], one["longest_days"]) for one in answer["durations"]}

    async def _ask(self, path: str, *pins: str, **said: str) -> None:
        query = {"region": str(self.region)} | said
        answer = made(await self.client.get(path, params=query))
        self.told.append((path, query | {name: answer[name] for name in (*pins, "known_at")}, answer))
        if path == FIGURES and said.get("by") in LISTED:
            for figure in (one for group in answer["groups"] for one in group["figures"] if one["households"]):
                await self._list(figure)

    async def _list(self, figure: dict[str, Any]) -> None:
        """A figure has as many households and people behind it as it says."""
        listed = urlsplit(figure["list"])
        query = {name: value for name, [value] in parse_qs(listed.query).items()} | {"limit": "200"}
        page = made(await self.client.get(LIST, params=query))
        people = sum(row["members"] for row in page["items"])
        assert (len(page["items"]), people) == (figure["households"], figure["persons"]), query
        self.told.append((LIST, query, page))
