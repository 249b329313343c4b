"""Make the sample county: as files to look at, or into the running platform."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer

from chassis.errors import Message
from deploy.console.platform import DEFAULT
from deploy.console.progress import bars
from deploy.console.saying import NO_ANSWER, NOT_RUNNING, Data, fail, say
from deploy.embedded.installation import Installation, NotRunning
from deploy.embedded.supervisor import HOST
from deploy.progress import Progress as Step
from deploy.sample.county import County, generate
from deploy.sample.doors import LoadRefused
from deploy.sample.installing import install_county
from deploy.sample.moments import DEFAULT_DAY, FIRST_DAY, LAST_DAY, DayOutside
from deploy.sample.writing import write_county

HOUSEHOLDS: int = 600
_DAY = datetime(DEFAULT_DAY.year, DEFAULT_DAY.month, DEFAULT_DAY.day)  # noqa: DTZ001 - a day, read by typer as a moment

Households = Annotated[int, typer.Option(min=3, max=60_000, help="户数 / how many households")]
Seed = Annotated[int, typer.Option(min=0, help="种子 / the seed; the same one gives the same county")]
Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="业务日期 / the business date of its story")]
Out = Annotated[Path | None, typer.Option("--out", file_okay=False, help="写入此目录 / write into this folder")]


def sample(
    households: Households = HOUSEHOLDS, seed: Seed = 1, on: Day = _DAY, out_: Out = None, data: Data = DEFAULT
) -> None:
    """示例县：写成文件（--out）或装入运行中的平台 / the sample county: into a folder or the running platform."""
    try:
        county = generate(households, seed, on.date())
    except DayOutside:
        fail(
            Message(
                f"业务日期不在示例故事之内，请用 {FIRST_DAY} 至 {LAST_DAY} 之间的一天。",
                f"The sample's story does not hold on that day; choose one from {FIRST_DAY} to {LAST_DAY}.",
            )
        )
    try:
        if out_ is not None:
            _write(county, out_)
        else:
            _load(county, Installation(data))
    except OSError as error:
        fail(Message(f"无法写入：{error.strerror}", f"Cannot write: {error.strerror}."))


def _write(county: County, folder: Path) -> None:
    with bars() as bar:
        step = Message("农户", "households")
        write_county(county, folder, on_progress=lambda done: bar(Step(step, done, county.size)))
    say(Message(f"示例县已写入 {folder}。", f"The sample county lies in {folder}."))


def _load(county: County, installation: Installation) -> None:
    try:
        run = installation.read_run()
    except NotRunning:
        fail(NOT_RUNNING)
    address = f"http://{HOST}:{run.port}"
    try:
        httpx.get(f"{address}/health/live")  # the addresses of a run outlive it
        with bars() as bar:
            asyncio.run(install_county(installation, address, county, tell=bar))
    except LoadRefused as refused:
        fail(refused.message)
    except httpx.TransportError:
        fail(NO_ANSWER)
    say(
        Message(
            f"示例县已装入，账号见 {installation.sign_ins}。",
            f"The sample county is in; {installation.sign_ins} has its sign-ins.",
        )
    )
