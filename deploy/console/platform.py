"""Look at and remove a platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import httpx
import typer

from chassis.database.server import PostgresFailed, remove
from chassis.errors import Message
from deploy.console.saying import NO_ANSWER, NOT_RUNNING, Data, fail, out
from deploy.embedded.installation import Installation, NotRunning
from deploy.embedded.supervisor import HOST

DEFAULT: Path = Path(".xianjie")


def status(data: Data = DEFAULT) -> None:
    """各程序状态 / the state of every program."""
    try:
        run = Installation(data).read_run()
    except NotRunning:
        fail(NOT_RUNNING)
    try:
        answer = httpx.get(f"http://{HOST}:{run.port}/health/status", timeout=10)
    except httpx.TransportError:
        fail(NO_ANSWER)
    out.print_json(json.dumps(answer.json()))
    raise typer.Exit(0 if answer.status_code == httpx.codes.OK else 1)


def clean(
    data: Data = DEFAULT,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 / do not ask")] = False,
) -> None:
    """删除数据目录及其数据库 / remove the data directory and its database."""
    if not data.exists():
        return
    question = Message(f"删除 {data} 及其中全部数据？", f"Remove {data} and everything in it?")
    if not yes and not typer.confirm(question.zh):
        raise typer.Exit(1)
    installation = Installation(data)
    try:
        remove(installation.postgres)
    except PostgresFailed as failure:
        fail(failure.message)
    installation.erase()
