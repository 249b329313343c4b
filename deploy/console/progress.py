"""Show the operator how far something is: a bar for each step, as it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.console.saying import language, out
from deploy.progress import Progress as Step


@contextmanager
def bars() -> Iterator[Callable[[Step], None]]:
    """Gives what is to be told of each step; a total of 0 shows a bar that only moves."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out) as progress:
        tasks = {}

        def show(step: Step) -> None:
            text = step.step.in_language(language())
            if text not in tasks:
                tasks[text] = progress.add_task(text)
            progress.update(tasks[text], completed=step.done, total=step.total or None)

        yield show
