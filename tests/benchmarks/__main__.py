"""``python -m tests.benchmarks [NAME …]``: run benchmarks, print a JSON line each and a table at the end."""

from __future__ import annotations

import importlib
import sys

from tests.benchmarks.report import Measured, print_table

NAMES = ("write", "pass-through", "import", "screening", "event", "event-rate", "statistics", "todo", "sweep", "start")


def _module(name: str) -> str:
    """``import`` is a word of the language, so its module has another name."""
    return "import_" if name == "import" else name.replace("-", "_")


def main(names: list[str]) -> int:
    """1 if a target is missed."""
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        sys.stderr.write(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(NAMES)}\n")
        return 2
    results: list[Measured] = []
    for name in names or NAMES:
        for measured in importlib.import_module(f"tests.benchmarks.{_module(name)}").run():
            sys.stdout.write(measured.line() + "\n")
            sys.stdout.flush()
            results.append(measured)
    print_table(results)
    return 0 if all(result.holds for result in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
