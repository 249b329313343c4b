"""Bring the sample county into an embedded platform: its day, its people, and then everything else over the API."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, Final

from chassis.clock import SettableClock
from chassis.start import make_program
from deploy.embedded.admitting import admit_first_administrator, admit_officers
from deploy.embedded.installation import Installation
from deploy.embedded.sign_ins import SignIn, keep_sign_ins
from deploy.progress import Tell
from deploy.sample.county import County
from deploy.sample.doors import GatewayDoors
from deploy.sample.loading import Loader
from deploy.sample.model import SampleOfficer
from deploy.sample.writing import write_county

FOLDER: Final = "sample"
SERVICE: Final = "monitoring"
_POSTS_FROM: Final = date(2021, 1, 1)


async def install_county(
    installation: Installation, address: str, county: County, *, tell: Tell | None = None
) -> list[dict[str, Any]]:
    """Load ``county`` into the platform at ``address``; gives the batches as :meth:`Loader.load`.

    The county's files and its truth stay in the data directory, under ``sample/``. The business date becomes the
    county's. Run again after a failure, it goes on.

    :raises LoadRefused: with what the platform refused.
    """
    folder = installation.directory / FOLDER
    _write_once(county, folder)
    SettableClock(installation.clock_file).choose(county.moments.on)
    sign_ins = await settle_officers(installation, county.officers)
    async with GatewayDoors(address, {entry.username: entry.password for entry in sign_ins}) as doors:
        return await Loader(folder, county.seed, doors, tell=tell).load()


def _write_once(county: County, folder: Path) -> None:
    """Write the county's files, unless they lie there: spreadsheets carry the time of their making, and a load that
    goes on after a failure must hand in the very same files."""
    mark = folder / f"written-{county.size}-{county.seed}-{county.moments.on}"
    if not mark.exists():
        write_county(county, folder)
        mark.touch()


async def settle_officers(installation: Installation, officers: list[SampleOfficer]) -> list[SignIn]:
    """Give the officers their posts and their passwords; those who have them keep them."""
    monitoring = make_program(SERVICE, installation.settings(SERVICE))
    try:
        return await admit_officers(installation, monitoring, officers, starts_on=_POSTS_FROM)
    finally:
        await monitoring.close()


def announce_officers(installation: Installation, county: County) -> None:
    """Write the officers' passwords, which the start tells, and the county's day before the platform starts.

    A sweep that had done the machine's own day would do none of the story's days before it.
    """
    installation.prepare()
    clock = SettableClock(installation.clock_file)
    if clock.chosen_date() is None:
        clock.choose(county.moments.on)
    keep_sign_ins(installation, county.officers)


async def welcome_administrator(installation: Installation, region: int) -> None:
    """Give a platform without the sample its first security administrator, who grants every other post."""
    monitoring = make_program(SERVICE, installation.settings(SERVICE))
    try:
        await admit_first_administrator(installation, monitoring, region, starts_on=monitoring.clock.today())
    finally:
        await monitoring.close()
