"""Hold the committed API documents against the code, and against the baseline that clients were generated from.

``make baseline`` runs this as a program, at a release alone (decision 11): today's document becomes the baseline, and
the breaks that were accepted since the last one are forgotten with it.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from chassis.http.compatibility import breaks

FOLDER: Final = Path("docs") / "api"
PLATFORM: Final = "xianjie"
_OTHERS: Final = frozenset({"asyncapi"})
_HEAD: Final = """# Breaks of the API that were decided since the baseline, each with its reason (decision 11):
#
# [[accepted]]
# break = "the sentence that make check says"
# why = "why clients can bear it, and what they do instead"
"""


def documents_that_are_old(texts: Mapping[str, str], root: Path) -> Iterator[str]:
    """The committed documents are those that the code gives, all of them and no others.

    :param texts: by name, what the code gives.
    """
    folder = root / FOLDER
    for name, text in texts.items():
        path = folder / f"{name}.json"
        if not path.is_file() or path.read_text("utf-8") != text:
            yield f"{FOLDER}/{name}.json: is not what the code gives; write it with `make openapi` and commit it"
    for path in sorted(folder.glob("*.json")):
        if path.stem not in texts.keys() | _OTHERS:
            yield f"{FOLDER}/{path.name}: is of no program; remove it"


def breaks_since_the_baseline(text: str, root: Path) -> Iterator[str]:
    """The platform's document breaks no client of the baseline, but for what was accepted with a reason."""
    base = root / FOLDER / "baseline" / f"{PLATFORM}.json"
    if not base.is_file():
        yield f"{FOLDER}/baseline/{PLATFORM}.json: is missing; take it from the last release"
        return
    found = breaks(json.loads(base.read_text("utf-8")), json.loads(text))
    accepted = _accepted(root)
    for sentence in found:
        if sentence not in accepted:
            yield f"the API breaks its clients: {sentence}"
    for sentence in accepted:
        if sentence not in found:
            yield f"{FOLDER}/baseline/accepted.toml: accepts what is no break: {sentence}"


def parts_that_clash(text: str) -> Iterator[str]:
    """No two programs say different things under one name, which would rename them for clients."""
    for conflict in json.loads(text).get("x-conflicts", ()):
        yield f"two programs say different things of {conflict['kind']} {conflict['name']}; give one another name"


def _accepted(root: Path) -> dict[str, str]:
    path = root / FOLDER / "baseline" / "accepted.toml"
    entries = tomllib.loads(path.read_text("utf-8")).get("accepted", []) if path.is_file() else []
    return {entry["break"]: entry["why"] for entry in entries}


def move(root: Path) -> None:
    """Make the committed document the baseline."""
    baseline = root / FOLDER / "baseline"
    baseline.mkdir(exist_ok=True)
    (baseline / f"{PLATFORM}.json").write_bytes((root / FOLDER / f"{PLATFORM}.json").read_bytes())
    (baseline / "accepted.toml").write_text(_HEAD, "utf-8")


if __name__ == "__main__":
    move(Path(__file__).parents[2])
    sys.stdout.write(f"{FOLDER}/baseline is today's {FOLDER}/{PLATFORM}.json; commit it with the release\n")
