"""Speak to the operator: Chinese first, English by the locale, failures as one sentence that says what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.console import Console

from chassis.errors import DomainError, Language, Message

out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

NOT_RUNNING: Final = Message(
    "平台没有在运行，请先 make run。", "The platform is not running; start it with `make run`."
)
NO_ANSWER: Final = Message("平台没有应答，请先 make run。", "The platform does not answer; start it with `make run`.")

Data = Annotated[
    Path,
    typer.Option("--data", envvar="XIANJIE_DATA_DIR", help="数据目录 / the data directory", file_okay=False),
]


def language() -> Language:
    """English for an English locale, Chinese otherwise."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if locale.startswith("en") else "zh"


def say(message: Message) -> None:
    """Tell the operator."""
    out.print(message.in_language(language()), markup=False)


def complain(words: str) -> None:
    """Tell the operator what went wrong, where errors go."""
    _err.print(words, style="bold red", markup=False)


def fail(message: Message) -> NoReturn:
    """Say what to do, and end with status 1."""
    complain(message.in_language(language()))
    raise typer.Exit(1)


def fail_with(error: DomainError) -> NoReturn:
    """Say what the platform refused, each item of it too."""
    said = [error.detail, *(fault.message for fault in error.faults if fault.message != error.detail)]
    fail(Message("\n".join(each.zh for each in said), "\n".join(each.en for each in said)))
