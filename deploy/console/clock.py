"""Set the business date of an embedded platform, so that a story of years runs in a minute.

The date only moves forward: what the sweeps of a day did cannot be undone. Moving it waits until every sweep has done
every day passed, so that the next command meets a platform on which those days are over.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Final

import typer

from chassis.clock import SettableClock, SystemClock
from chassis.errors import Message
from chassis.jobs.catching_up import PATIENCE_SECONDS, SweepsUnfinished, catch_up
from chassis.service import Service
from chassis.settings import Mode
from chassis.worker import sweeps_of
from deploy.console.platform import DEFAULT
from deploy.console.programs import opened_program, operator
from deploy.console.progress import bars
from deploy.console.saying import Data, fail, say
from deploy.embedded.installation import PROGRAMS, Installation
from deploy.progress import Progress as Step

app = typer.Typer(no_args_is_help=True)

Patience = Annotated[
    float,
    typer.Option(
        "--patience", min=1, help="日终处理多少秒没有进展即告失败 / fail after so many seconds without progress"
    ),
]
_MODE: Final = "XIANJIE_MODE"


@app.command()
def show(data: Data = DEFAULT) -> None:
    """显示业务日期 / show the business date."""
    clock = SettableClock(Installation(data).clock_file)
    chosen = clock.chosen_date() is not None
    day = clock.today().isoformat()
    say(Message(f"{day}（{'已设定' if chosen else '随系统'}）", f"{day} ({'set' if chosen else 'the machine’s own'})"))


@app.command(name="set")
def set_(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="YYYY-MM-DD")],
    data: Data = DEFAULT,
    patience: Patience = PATIENCE_SECONDS,
) -> None:
    """推进业务日期，并等各服务逐日完成日终处理 / move the business date on; wait for every day's sweeps."""
    _move(Installation(data), day.date(), chosen=day.date(), patience=patience)
    say(Message(f"业务日期已设为 {day.date()}。", f"The business date is now {day.date()}."))


@app.command()
def clear(data: Data = DEFAULT, patience: Patience = PATIENCE_SECONDS) -> None:
    """业务日期重新随系统 / follow the machine's date again; waits like ``set``."""
    _move(Installation(data), SystemClock().today(), chosen=None, patience=patience)
    say(Message("业务日期已随系统。", "The business date follows the machine again."))


def _move(installation: Installation, day: date, *, chosen: date | None, patience: float) -> None:
    _refuse_outside_shows()
    clock = SettableClock(installation.clock_file)
    today = clock.today()
    if day < today:
        fail(
            Message(
                f"业务日期只能向前：现在是 {today}，那些天的日终处理已经完成，不能退回 {day}。"
                "如需从更早的日期开始，请换一个数据目录（XIANJIE_DATA_DIR=…）。",
                f"The business date only moves forward: it is {today}, and the sweeps of those days are done; it cannot"
                f" go back to {day}. To begin on an earlier date take another data directory (XIANJIE_DATA_DIR=…).",
            )
        )
    try:
        asyncio.run(_moved(installation, clock, chosen, patience))
    except SweepsUnfinished as failed:
        detail = failed.message
        fail(
            Message(
                f"业务日期已是 {day}，但日终处理未完成：{detail.zh}排除原因后请再次运行同一命令，它会接着等待。",
                f"The business date is {day}, but its sweeps are not done: {detail.en} Run the same command again once"
                " the cause is mended: it goes on waiting.",
            )
        )


async def _moved(installation: Installation, clock: SettableClock, chosen: date | None, patience: float) -> None:
    for service in PROGRAMS:  # before the date moves: none of them may be left out of its sweeps
        async with opened_program(installation.directory, service):
            pass
    clock.choose(chosen)
    with bars() as tell:
        await asyncio.gather(*(_caught_up(installation, service, tell, patience) for service in PROGRAMS))


async def _caught_up(
    installation: Installation, service: Service, tell: Callable[[Step], None], patience: float
) -> None:
    step = Message(f"{service.title.zh} 日终处理", f"{service.name} sweeps")
    total = 0

    def tell_days(left: int) -> None:
        nonlocal total
        total = max(total, left)
        if total:
            tell(Step(step, total - left, total))

    async with opened_program(installation.directory, service) as program:
        await catch_up(
            program,
            sweeps_of(service),
            service.areas,
            actor=operator("clock set"),
            tell=tell_days,
            patience_seconds=patience,
        )


def _refuse_outside_shows() -> None:
    mode = os.environ.get(_MODE, Mode.EMBEDDED)
    if mode not in {each for each in Mode if each.is_for_show}:
        fail(
            Message(
                f"{mode} 模式随系统日期，不能设定业务日期（只有 embedded 和 test 模式可以）。",
                f"Mode {mode} follows the machine's date; only the modes embedded and test can set another.",
            )
        )
