"""``python -m tests.chaos [--kills 200] [--seed N] [--outage-seconds 60]``: kill, and print the report as JSON."""

from __future__ import annotations

import json
import secrets
import sys
from typing import Annotated

import typer

from tests.chaos.run import run


def main(
    kills: Annotated[int, typer.Option(min=1)] = 200,
    seed: Annotated[int | None, typer.Option(help="Repeats the order and moments of an earlier run.")] = None,
    outage_seconds: Annotated[float, typer.Option(min=0)] = 60,
) -> None:
    """Exit 1 if anything was lost, doubled, reordered or did not heal."""
    account = run(kills=kills, seed=secrets.randbelow(2**31) if seed is None else seed, outage_seconds=outage_seconds)
    sys.stdout.write(json.dumps(account.told(), ensure_ascii=False, indent=2) + "\n")
    raise typer.Exit(1 if account.faults else 0)


if __name__ == "__main__":
    typer.run(main)
