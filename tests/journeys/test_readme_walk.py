"""Run the walks of the documentation, command by command, from their own text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import pytest

from tests.journeys.platforms import Journey, journey

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(r"^## (?P<title>.+?)$|^```sh\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.budget(180)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with journey(tmp_path_factory.mktemp("platform"), 60) as made:
        yield made


def blocks(walk: str) -> list[tuple[str, str]]:
    """Each heading with the commands below it; a heading may have several blocks."""
    found: dict[str, str] = {}
    title = ""
    for match in _BLOCK.finditer((DOCS / walk).read_text("utf-8")):
        title = match["title"] or title
        if match["commands"]:
            found[title] = found.get(title, "") + match["commands"]
    return list(found.items())


def walked(told: Journey, walk: str, folder: Path) -> dict[str, str]:
    """What each heading's commands printed; all of them must succeed."""
    titles, commands = zip(*blocks(walk), strict=True)
    told_apart = (f"echo {quote(f'=== {title} ===')}\n{each}\n" for title, each in zip(titles, commands, strict=True))
    environment = os.environ | {
        "ADDRESS": told.platform.address,
        "XIANJIE": str(Path(sys.executable).parent / "xianjie"),
        "XIANJIE_DATA_DIR": str(told.platform.installation.directory),
    }
    script = "set -euo pipefail\n" + "".join(told_apart)
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=folder, capture_output=True, text=True, timeout=150
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    shown = re.split(r"^=== .+? ===$", done.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(titles, shown, strict=True))


def test_every_command_of_the_walks_runs_and_shows_what_the_text_says(told: Journey, tmp_path: Path):
    """One test for both: a platform takes longer to start than a walk on it."""
    _a_file_becomes_a_clue(walked(told, "walk.md", tmp_path))
    shown = walked(told, "walk-case.md", tmp_path)
    _the_clue_reaches_the_register(shown)
    _another_family_leaves_it(shown)


def _a_file_becomes_a_clue(shown: dict[str, str]) -> None:
    fates = shown["See what became of each row"]
    rows = json.loads(fates[fates.index("\n{\n") :])["items"]
    assert [row["fate"] for row in rows] == ["matched", "rejected"]
    assert rows[1]["reasons"][0]["code"] == "identity_digits_lost"
    runs = json.loads(shown["See the screening run that followed"])["items"]
    assert runs[0]["state"] == "succeeded"
    clue = json.loads(shown["Open a clue and read why it fired"])
    (hit,) = [hit for hit in clue["hits"] if hit["rule"]["id"] == "R01"]
    assert any(comparison["value"] == "21000.00" for comparison in hit["comparisons"])
    assert hit["smallest_change"]
    assert hit["sources"][0]["dataset"] == "medical.annual_self_pay"
    assert shown["Ask as a cadre of another town"].lstrip().startswith("404")


def _the_clue_reaches_the_register(shown: dict[str, str]) -> None:
    plan = json.loads(shown["The county sends the clue to its village"])
    assert [one["step"] for one in plan][-1] == "registered"
    assert shown["The household signs, and two people verify"].split() == [
        "authorisation", "commitment", "dispatched", "verified",
    ]  # fmt: skip
    *answers, compared = shown["Each department answers what its own files say already"].split()
    assert (set(answers), compared) == ({"answered"}, "compared")
    passing = shown["Nobody is let pass before the fifth day is over"]
    assert "2024-06-08" in passing
    assert passing.rstrip().endswith("over")
    deciding = shown["Town, county, register"].lstrip()
    assert deciding.split()[:3] == ["town_ok", "county_ok", "3"]
    classified = json.loads(deciding[deciding.index("{") :])
    assert (classified["monitoring_type"], classified["income"]["net"]) == ("3", "40000.00")


def _another_family_leaves_it(shown: dict[str, str]) -> None:
    proposing = shown["The same week, a family taken over from the national system asks to leave"]
    refused, guards = proposing.split("wage.outside_work")
    assert [one["code"] for one in json.loads(refused)["errors"]] == [
        "elimination_net_income", "elimination_reference_income", "elimination_guarantees",
    ]  # fmt: skip
    assert guards.count("；✓") == 9
    assert guards.split()[-5:] == ["elim_proposed", "authorisation", "commitment", "elim_proposed", "elim_verified"]
    silent = shown["The way out: departments that were silent hold nobody up"]
    assert silent.split() == ["elim_verified", "accepted", "2024-06-08"]
    leaving = shown["Five days later it leaves, and is followed up"]
    steps, dues = leaving[: leaving.index("{")], leaving[leaving.index("{") :]
    assert steps.split()[-3:] == ["elim_town", "elim_county", "work"]
    [due] = json.loads(dues)["items"]
    assert (due["reason"], due["begins_on"], due["due_on"]) == ("follow_up", "2024-06-13", "2024-09-30")
