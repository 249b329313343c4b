"""Hand a file to the running platform as a person who may, follow it, and tell what became of its rows.

Of a row that was refused its number, column and reason are told, never what it holds.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import httpx
import typer

from chassis.errors import Message
from chassis.identifiers import new_id
from chassis.jobs.import_model import Atomic, ImportMode, ImportStrategy
from deploy.console import doors
from deploy.console.platform import DEFAULT
from deploy.console.progress import bars
from deploy.console.saying import Data, fail, language, out, say
from deploy.progress import Progress as Step
from deploy.sample.doors import ask, each, file_body, over
from services.monitoring.datasets.contracts import load_contracts

SHOWN: Final = 50
_SENDING: Final = Message("发送", "sending")
_READING: Final = Message("处理", "rows")
_LABELS: Final = {
    "total": Message("户数", "households"),
    "created": Message("新建", "created"),
    "updated": Message("更新", "updated"),
    "unchanged": Message("未变", "unchanged"),
    "ignored": Message("未导入", "ignored"),
    "rows": Message("行数", "rows"),
    "refused": Message("有错误的行", "rows refused"),
    "received": Message("收到行数", "rows received"),
    "matched": Message("已匹配", "matched"),
    "unmatched": Message("未匹配", "unmatched"),
    "outside": Message("非本县", "outside"),
    "duplicate": Message("重复", "duplicate"),
    "late": Message("逾期", "late"),
    "rejected": Message("退回", "rejected"),
}
"""What is told of the counts, in this order."""


@dataclass(frozen=True)
class Asked:
    """What to hand in, and how."""

    file: Path
    path: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    :param counts: as the platform gives them.
    :param refusal: why the file was refused as a whole, or None.
    :param errors: the first faults; ``faulty`` how many rows were refused; ``all_errors`` where they all are.
    :param repeated: whether the very same file was handed in before, and this is what became of it then.
    """

    counts: Mapping[str, Any]
    refusal: str | None
    errors: list[str]
    faulty: int
    all_errors: str | None = None
    repeated: bool = False


def import_file(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="NDJSON、CSV、XLSX")],
    dataset: Annotated[
        str | None, typer.Option(help="部门数据规范代码；缺省为农户文件 / a dataset's code; default: households")
    ] = None,
    period: Annotated[str | None, typer.Option(help="部门文件的期次，如 2024-05 / of a department's file")] = None,
    mode: Annotated[ImportMode, typer.Option(help="只校验或导入 / only judge, or import")] = ImportMode.COMMIT,
    strategy: Annotated[ImportStrategy | None, typer.Option(help="农户：新建、更新或两者 / households")] = None,
    atomic: Annotated[Atomic | None, typer.Option(help="农户：整份或逐行 / households: as a whole, or by row")] = None,
    shown: Annotated[int, typer.Option("--errors", min=0, help="最多列出几条错误 / how many errors to list")] = SHOWN,
    as_: doors.As = None,
    region: doors.Region = None,
    data: Data = DEFAULT,
) -> None:
    """导入农户或部门文件；文件或其中任何一行被拒则以 1 退出 / hand in a file; exit 1 if it or a row was refused."""
    if dataset is None:
        asked = _households(file, period, mode, strategy, atomic)
        choose = doors.county_officer(region)
    else:
        asked = _department_file(file, dataset, period, mode, strategy, atomic)
        choose = doors.clerk_of(_department(dataset), region)
    choose = doors.named(as_) if as_ else choose
    outcome = doors.act(data, choose, lambda client: _handed_in(client, asked, shown))
    _report(outcome, mode)
    raise typer.Exit(1 if outcome.refusal or outcome.faulty else 0)


def _households(
    file: Path, period: str | None, mode: ImportMode, strategy: ImportStrategy | None, atomic: Atomic | None
) -> Asked:
    if period is not None:
        fail(Message("--period 只用于部门文件，请同时给出 --dataset。", "--period belongs to a --dataset."))
    query = {"mode": mode.value}
    query |= {} if strategy is None else {"strategy": strategy.value}
    query |= {} if atomic is None else {"atomic": atomic.value}
    return Asked(file, "/households/imports", query)


def _department_file(
    file: Path,
    dataset: str,
    period: str | None,
    mode: ImportMode,
    strategy: ImportStrategy | None,
    atomic: Atomic | None,
) -> Asked:
    if period is None:
        fail(Message("部门文件须给出 --period，如 2024-05。", "A department's file needs its --period, as 2024-05."))
    if strategy or atomic:
        fail(
            Message(
                "--strategy 和 --atomic 只用于农户文件；部门文件逐行判定。",
                "--strategy and --atomic are for households; a department's file is judged row by row.",
            )
        )
    return Asked(file, f"/datasets/{dataset}/submissions", {"period": period, "mode": mode.value})


def _department(dataset: str) -> str:
    known = {contract.code: contract.department for contract in load_contracts()}
    if dataset in known:
        return known[dataset]
    listed = "、".join(sorted(known))
    return fail(Message(f"没有数据规范 {dataset}；可选：{listed}。", f"No dataset {dataset}; there are: {listed}."))


async def _handed_in(client: httpx.AsyncClient, asked: Asked, shown: int) -> Outcome:
    with bars() as tell:
        answer = await _sent(client, asked, tell)
        job: dict[str, Any] = {}
        if answer["job_id"] is not None:
            job = await over(client, answer["job_id"], tell=lambda done, total: tell(Step(_READING, done, total)))
    batch = answer.get("submission")
    if batch is not None:
        return await _of_batch(client, batch["id"], shown, repeated=answer["repeated"])
    return await _of_job(client, job, shown)


async def _sent(client: httpx.AsyncClient, asked: Asked, tell: Callable[[Step], None]) -> dict[str, Any]:
    size = asked.file.stat().st_size
    body = file_body(asked.file, tell=lambda sent: tell(Step(_SENDING, sent, size)))
    # A key of its own for each call: asked again, the same file may end otherwise, for what was missing is there now.
    key = {"Idempotency-Key": str(new_id())}
    answer: dict[str, Any] = (await ask(client, "POST", asked.path, params=asked.query, body=body, headers=key)).json()
    return answer


async def _of_job(client: httpx.AsyncClient, job: Mapping[str, Any], shown: int) -> Outcome:
    counts = job.get("result") or {}
    refusal = None if job["state"] == "succeeded" else (job.get("error") or {}).get("message", job["state"])
    path = f"/jobs/{job['id']}/errors"
    errors = [
        _line(fault["row"], fault["column"], fault["code"], fault["message"])
        async for fault in _first(each(client, path), shown)
    ]
    faulty = counts.get("refused", counts.get("rejected", 0))
    return Outcome(counts, refusal, errors, faulty, f"{path}/file")


async def _of_batch(client: httpx.AsyncClient, batch_id: str, shown: int, *, repeated: bool) -> Outcome:
    batch = (await ask(client, "GET", f"/submissions/{batch_id}")).json()
    refusal = batch["refusal"]
    if refusal is not None:
        errors = [_line(None, one.get("column"), one["code"], one["message"]) for one in refusal["reasons"]]
        return Outcome({}, refusal["message"], errors[:shown], 0)
    path = f"/submissions/{batch_id}"
    errors = [
        _line(row["row_number"], one.get("column"), one["code"], one["message"])
        async for row in _first(each(client, f"{path}/rows", fate="rejected"), shown)
        for one in row["reasons"]
    ]
    return Outcome(batch["counts"], None, errors[:shown], batch["counts"]["rejected"], f"{path}/rejected", repeated)


async def _first(items: AsyncIterator[dict[str, Any]], most: int) -> AsyncIterator[dict[str, Any]]:
    taken = 0
    while taken < most and (item := await anext(items, None)) is not None:
        taken += 1
        yield item


def _line(row: int | None, column: str | None, code: str, message: str) -> str:
    place = "" if row is None else Message(f"第 {row} 行", f"row {row}").in_language(language())
    return "  ".join(word for word in (place, column, code, message) if word)


def _report(outcome: Outcome, mode: ImportMode) -> None:
    if outcome.repeated:
        say(Message("这份文件本期已经报过，以下是当时的结果。", "This very file was handed in before; it ended so:"))
    for line in outcome.errors:
        out.print(f"  {line}", markup=False)
    if outcome.errors and outcome.all_errors:
        path = f"/v1/monitoring{outcome.all_errors}"
        say(Message(f"全部错误：GET {path}", f"All errors: GET {path}"))
    if outcome.refusal is not None:
        say(Message(f"整份文件被拒绝：{outcome.refusal}", f"The file was refused: {outcome.refusal}"))
        return
    counts = [(label, outcome.counts[name]) for name, label in _LABELS.items() if name in outcome.counts]
    told = Message(
        "，".join(f"{label.zh} {number}" for label, number in counts),
        ", ".join(f"{label.en} {number}" for label, number in counts),
    )
    judged = Message("校验完毕，未写入", "Judged, nothing written")
    done = judged if mode is ImportMode.VALIDATE else Message("完成", "Done")
    say(Message(f"{done.zh}：{told.zh}。", f"{done.en}: {told.en}."))
