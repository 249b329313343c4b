"""Start, look at and remove a platform."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import httpx
import typer

from chassis.database.server import PostgresFailed, remove
from chassis.errors import Message
from deploy.console.saying import Data, fail, out, say
from deploy.embedded.installation import Installation, NotRunning
from deploy.embedded.private_files import FileExposed
from deploy.embedded.sign_ins import read_sign_ins
from deploy.embedded.supervisor import HOST, Platform, StartFailed, end_on_signals, started

DEFAULT: Path = Path(".xianjie")


def serve(
    data: Data = DEFAULT,
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="网关端口 / the gateway's port")] = 8000,
) -> None:
    """启动整个平台，按 Ctrl-C 结束 / start the whole platform; Ctrl-C ends it."""
    try:
        with started(data, port=port, say=say) as platform:
            end_on_signals(platform)
            _welcome(platform)
            platform.watch()
            say(Message("正在停止……", "Stopping …"))
    except StartFailed as failure:
        fail(failure.message)
    except PostgresFailed as failure:
        fail(failure.message)
    except FileExposed as failure:
        fail(Message(str(failure), str(failure)))


def _welcome(platform: Platform) -> None:
    sign_ins = read_sign_ins(platform.installation)
    lines = [
        Message(f"平台已就绪：{platform.address}", f"The platform is ready: {platform.address}"),
        Message(f"接口文档：{platform.address}/docs", f"API documents: {platform.address}/docs"),
    ]
    if sign_ins:
        path = platform.installation.sign_ins
        lines.append(Message(f"示例账号（密码另存于 {path}）：", f"Sample sign-ins (also in {path}):"))
    for line in lines:
        say(line)
    for entry in sign_ins:
        out.print(f"  {entry.username:<24} {entry.password:<18} {entry.area}  {entry.title}", markup=False)


def status(data: Data = DEFAULT) -> None:
    """各程序状态 / the state of every program."""
    try:
        run = Installation(data).read_run()
    except NotRunning:
        fail(Message("平台没有在运行，请先 make run。", "The platform is not running; start it with `make run`."))
    try:
        answer = httpx.get(f"http://{HOST}:{run.port}/health/status", timeout=10)
    except httpx.TransportError:
        fail(Message("平台没有应答，请先 make run。", "The platform does not answer; start it with `make run`."))
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
