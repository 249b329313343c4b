"""Set the business date of an embedded platform, so that a story of years runs in a minute."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from chassis.clock import SettableClock
from chassis.errors import Message
from deploy.console.platform import DEFAULT
from deploy.console.saying import Data, say
from deploy.embedded.installation import Installation

app = typer.Typer(no_args_is_help=True)


def _clock(installation: Installation) -> SettableClock:
    return SettableClock(installation.clock_file)


@app.command()
def show(data: Data = DEFAULT) -> None:
    """显示业务日期 / show the business date."""
    clock = _clock(Installation(data))
    chosen = clock.chosen_date() is not None
    day = clock.today().isoformat()
    say(Message(f"{day}（{'已设定' if chosen else '随系统'}）", f"{day} ({'set' if chosen else 'the machine’s own'})"))


@app.command(name="set")
def set_(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="YYYY-MM-DD")], data: Data = DEFAULT
) -> None:
    """设定业务日期 / set the business date for every program of the data directory."""
    _clock(Installation(data)).choose(day.date())
    say(Message(f"业务日期已设为 {day.date()}。", f"The business date is now {day.date()}."))


@app.command()
def reset(data: Data = DEFAULT) -> None:
    """业务日期随系统 / follow the machine's date again."""
    _clock(Installation(data)).choose(None)
    say(Message("业务日期已随系统。", "The business date follows the machine again."))
