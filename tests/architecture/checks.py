"""What `make check` asks beyond linters: locks without addresses, SQL without a clock, schemas that last."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_ADDRESS: Final = re.compile(r"https?://|file://|/opt/", re.IGNORECASE)
_CLOCK: Final = re.compile(
    r"\b(now\(\)|current_date|current_timestamp|localtimestamp|func\.now|func\.current_date|date\.today\(\)|"
    r"datetime\.now\(|datetime\.utcnow\()",
    re.IGNORECASE,
)
# Delivery, leases and seals go by system time, and the clock is where it comes from.
_SYSTEM_TIME: Final = (
    "chassis/bus/",
    "chassis/clock.py",
    "chassis/events/",
    "chassis/http/trace.py",
    "chassis/jobs/",
    "chassis/telemetry/",
    "chassis/testing/",
)


def tracked(pattern: str) -> list[Path]:
    """Files that git knows, or would, by a glob."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def addresses_in_locks() -> Iterator[str]:
    """A lock carries names, versions and hashes alone."""
    for path in tracked("*.lock"):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if _ADDRESS.search(line):
                yield f"{path.name}:{number}: an address in a lock"


def clocks_in_business() -> Iterator[str]:
    """Business dates come from the clock that was passed in; ``now()`` in business SQL cannot be set for a story."""
    for path in [*tracked("services/*.py"), *tracked("chassis/*.py"), *tracked("gateway/*.py")]:
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(_SYSTEM_TIME):
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if _CLOCK.search(line.split("#")[0]):
                yield f"{name}:{number}: ask the clock that was passed in"


def events_that_break() -> Iterator[str]:
    """Every event type has its committed schema and example, and none breaks a reader of the one before."""
    from chassis.events.schemas import check
    from deploy.embedded.installation import PROGRAMS

    yield from check([event for service in PROGRAMS for event in service.events], ROOT / "docs" / "events")


def event_document_is_old() -> Iterator[str]:
    """The committed AsyncAPI document is the one that today's event classes make."""
    from deploy.console.documents import asyncapi_text

    path = ROOT / "docs" / "api" / "asyncapi.json"
    if not path.exists() or path.read_text("utf-8") != asyncapi_text():
        yield "docs/api/asyncapi.json: is not of today's events; write it with `make openapi` and commit it"


def api_documents_are_old() -> Iterator[str]:
    """The committed OpenAPI documents are those that today's routes make, and no two programs clash in them."""
    from deploy.console.documents import api_texts
    from tests.architecture import api_baseline

    texts = api_texts()
    yield from api_baseline.documents_that_are_old(texts, ROOT)
    yield from api_baseline.parts_that_clash(texts[api_baseline.PLATFORM])


def api_breaks_its_clients() -> Iterator[str]:
    """What clients were generated from at the last release still holds."""
    from deploy.console.documents import api_texts
    from tests.architecture import api_baseline

    yield from api_baseline.breaks_since_the_baseline(api_texts()[api_baseline.PLATFORM], ROOT)


CHECKS: Final[tuple[Callable[[], Iterator[str]], ...]] = (
    addresses_in_locks,
    clocks_in_business,
    events_that_break,
    event_document_is_old,
    api_documents_are_old,
    api_breaks_its_clients,
)


def main() -> int:
    """Print every complaint; 1 if there is any."""
    complaints = [complaint for check in CHECKS for complaint in check()]
    for complaint in complaints:
        sys.stdout.write(complaint + "\n")
    sys.stdout.write(f"{len(CHECKS)} checks, {len(complaints)} complaints\n")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
