"""Start the whole platform, tell where it is, and bring the sample county in beside it."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chassis.database.server import PostgresFailed
from chassis.database.server.failures import unusable
from chassis.database.server.folders import failing_at
from chassis.errors import Message
from deploy.console.platform import DEFAULT
from deploy.console.saying import Data, fail, out, say
from deploy.embedded.directory import Installation
from deploy.embedded.ending import Ending
from deploy.embedded.processes import StartFailed
from deploy.embedded.sign_ins import read_sign_ins
from deploy.embedded.supervisor import Platform, refuse_taken, started

if TYPE_CHECKING:
    from deploy.sample.county import County

# What only a first start needs (the sample, who is admitted) is imported there: every start waits for what stands here.

SEED = 1
_DONE = "sample-loaded"


def serve(
    data: Data = DEFAULT,
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535, help="网关端口 / the gateway's port")] = 8000,
    sample_households: Annotated[
        int,
        typer.Option(
            envvar="XIANJIE_SAMPLE_HOUSEHOLDS", min=0, max=60_000, help="示例县户数，0 为不装入 / 0: no sample county"
        ),
    ] = 600,
    region: Annotated[
        int | None,
        typer.Option(
            envvar="XIANJIE_REGION",
            min=10**11,
            max=10**12 - 1,
            help="不装示例县时本平台所辖区划（12 位）/ without the sample: the division served, 12 digits",
        ),
    ] = None,
    *,
    cluster: Annotated[
        bool, typer.Option("--cluster", help="每个程序一个进程，经 Kafka / a process per program, over a real Kafka")
    ] = False,
) -> None:
    """启动整个平台，按 Ctrl-C 结束 / start the whole platform; Ctrl-C ends it."""
    installation, ending = Installation(data), Ending()
    try:
        ending.listen()
        _check_exporter()
        refuse_taken(port)  # before the sample's people get their passwords, which takes as long as the rest of a start
        county = _county_to_load(installation, sample_households)
        with started(data, port=port, say=say, cluster=cluster, ending=ending) as platform:
            if county is None and region is not None and not read_sign_ins(installation):
                _welcome_administrator(installation, region)
            _welcome(platform)
            if county is not None:
                threading.Thread(target=_load, args=(platform, county), daemon=True, name="sample").start()
            platform.watch()
            say(Message("正在停止……", "Stopping …"))
    except (StartFailed, PostgresFailed) as failure:
        fail(failure.message)
    except OSError as error:  # a disk that fills up while it runs
        fail(unusable(Path(error.filename or installation.directory), error).message)


def _check_exporter() -> None:
    """Each process asks for its exporter of traces itself, and would say in its log alone that it is not there."""
    if "OTEL_TRACES_EXPORTER" not in os.environ:
        return
    from chassis.telemetry.tracing import ExporterUnknown, chosen_exporter

    try:
        chosen_exporter()
    except ExporterUnknown as unknown:
        raise StartFailed(unknown.message) from unknown


def _county_to_load(installation: Installation, households: int) -> County | None:
    """The sample county, if this data directory asks for it and does not hold it whole yet.

    A file of its people that was removed, because it was damaged, is made anew also where the county is in already.
    """
    is_loaded = (installation.directory / _DONE).exists()
    people = (installation.sign_ins, installation.password_book)
    if households == 0 or (is_loaded and all(file.exists() for file in people)):
        return None
    from deploy.sample.county import generate
    from deploy.sample.installing import announce_officers
    from deploy.sample.moments import DEFAULT_DAY

    county = generate(households, SEED, DEFAULT_DAY)
    # Before the start, which tells the sign-ins and runs the sweeps of the county's day.
    with failing_at(installation.directory):
        announce_officers(installation, county)
    return None if is_loaded else county


def _welcome_administrator(installation: Installation, region: int) -> None:
    from deploy.sample.installing import welcome_administrator

    asyncio.run(welcome_administrator(installation, region))


def _welcome(platform: Platform) -> None:
    sign_ins = read_sign_ins(platform.installation)
    say(Message(f"平台已就绪：{platform.address}", f"The platform is ready: {platform.address}"))
    say(Message(f"接口文档：{platform.address}/docs", f"API documents: {platform.address}/docs"))
    if not sign_ins:
        say(
            Message(
                "还没有账号：请用 XIANJIE_REGION=十二位区划代码 启动，以生成安全管理员账号。",
                "Nobody can sign in yet: start with XIANJIE_REGION=<12 digits> to get a security administrator.",
            )
        )
        return
    path = platform.installation.sign_ins
    say(Message(f"账号（密码另存于 {path}）：", f"Sign-ins (also in {path}):"))
    for entry in sign_ins:
        told = f"{entry.username:<24} {entry.password:<18} {entry.role:<22} {entry.area}  {entry.title}"
        out.print(f"  {told}", markup=False)


def _load(platform: Platform, county: County) -> None:
    """Load the sample beside the running platform; interrupted, the next start goes on where it ended."""
    import httpx

    from deploy.console.progress import bars
    from deploy.sample.doors import LoadRefused
    from deploy.sample.installing import install_county

    installation = platform.installation
    try:
        with bars() as bar:
            asyncio.run(install_county(installation, platform.address, county, tell=bar))
        (installation.directory / _DONE).touch()
        say(Message("示例县已装入。", "The sample county is in."))
    except LoadRefused as refused:
        say(refused.message)
    except (httpx.TransportError, OSError):
        if not platform.is_ending:
            say(Message("示例县未能装完，下次启动时继续。", "The sample county is not whole; the next start goes on."))
