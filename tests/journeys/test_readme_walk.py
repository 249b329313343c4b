"""Run the walk of the documentation, command by command, from its own text."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

import pytest

from tests.journeys.platforms import Journey, journey

WALK = Path(__file__).parents[2] / "docs" / "walk.md"
_BLOCK = re.compile(r"^## (?P<title>.+?)$|^```sh\n(?P<commands>.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = pytest.mark.budget(180)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with journey(tmp_path_factory.mktemp("platform"), 60) as made:
        yield made


def blocks() -> list[tuple[str, str]]:
    """Each heading with the commands below it."""
    found, title = [], ""
    for match in _BLOCK.finditer(WALK.read_text("utf-8")):
        title = match["title"] or title
        if match["commands"]:
            found.append((title, match["commands"]))
    return found


def test_every_command_of_the_walk_runs_and_shows_what_the_text_says(told: Journey, tmp_path: Path):
    told_apart = (f"echo {quote(f'=== {title} ===')}\n{commands}\n" for title, commands in blocks())
    script = "set -euo pipefail\n" + "".join(told_apart)
    environment = os.environ | {
        "ADDRESS": told.platform.address,
        "XIANJIE_DATA_DIR": str(told.platform.installation.directory),
    }
    done = subprocess.run(
        ["bash", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    titles = [title for title, _ in blocks()]
    shown = dict(zip(titles, re.split(r"^=== .+? ===$", done.stdout, flags=re.MULTILINE)[1:], strict=True))
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
