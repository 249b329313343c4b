"""Find audit entries that somebody edited, deleted, added or reordered, and an end that was cut off, and name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.audit.chain import COVERED, GENESIS, ChainKeys, canonical, covered_columns, is_equal, seal_mac
from chassis.audit.checkpoints import CheckpointHistory
from chassis.database.engine import Database
from chassis.errors import Message
from chassis.security.keys import UnknownKey
from chassis.security.scope import Area

PAGE: Final = 2000
FINDINGS_MAX: Final = 100

_PAGE: Final = text(
    f"""
    SELECT s.sequence, s.entry_id, s.epoch AS seal_epoch, CAST(CAST(s.xid AS text) AS bigint) AS seal_xid,
           s.form, s.mac, s.key_id, {covered_columns("e")}
    FROM audit_seal AS s LEFT JOIN audit_entry AS e ON e.id = s.entry_id
    WHERE s.sequence > :after ORDER BY s.sequence LIMIT :page
    """  # noqa: S608  # columns are ours
)
_STRANGERS: Final = text(
    """
    SELECT e.id FROM audit_entry AS e
    WHERE (e.epoch, e.xid, e.id) > (:from_epoch, CAST(:from_xid AS xid8), :from_id)
      AND (e.epoch, e.xid, e.id) <= (:to_epoch, CAST(:to_xid AS xid8), :to_id)
      AND NOT EXISTS (SELECT FROM audit_seal AS s WHERE s.entry_id = e.id)
    ORDER BY e.id LIMIT :most
    """
)


class Attack(StrEnum):
    """What was found to be wrong."""

    EDITED = "edited"
    DELETED = "deleted"
    ADDED = "added"
    REORDERED = "reordered"
    SEAL_REMOVED = "seal_removed"
    TAIL_CUT = "tail_cut"
    CHECKPOINT_DIFFERS = "checkpoint_differs"
    CHECKPOINT_UNREADABLE = "checkpoint_unreadable"
    KEY_MISSING = "key_missing"


_SAY: Final[Mapping[Attack, Message]] = {
    Attack.EDITED: Message("审计条目或其封签被改动", "the entry or its seal was changed"),
    Attack.DELETED: Message("审计条目被删除", "the entry was deleted"),
    Attack.ADDED: Message("封签之后插入的审计条目", "the entry was added behind the seals"),
    Attack.REORDERED: Message("审计条目的次序被改动", "the entry's place was changed"),
    Attack.SEAL_REMOVED: Message("此条目之前的封签被删除", "seals before this entry were removed"),
    Attack.TAIL_CUT: Message("封签链末端被截断，此条目曾经封存", "the chain was cut; this entry had been sealed"),
    Attack.CHECKPOINT_DIFFERS: Message("与已公布的检查点不符", "this entry's seal differs from the published one"),
    Attack.CHECKPOINT_UNREADABLE: Message(
        "检查点文件有无法读取的行", "the checkpoint file has a line that is not ours"
    ),
    Attack.KEY_MISSING: Message("密钥环缺少此封签的密钥", "the key ring lacks this seal's key"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong.

    :param entry_id: the entry; for unreadable lines of the file the line's number stands in ``sequence`` and this is 0.
    :param sequence: the seal's number, 0 for an entry without one.
    """

    attack: Attack
    entry_id: int
    sequence: int

    @property
    def message(self) -> Message:
        said = _SAY[self.attack]
        return Message(
            f"条目 {self.entry_id}（第 {self.sequence} 号）：{said.zh}。",
            f"Entry {self.entry_id} (number {self.sequence}): {said.en}.",
        )


@dataclass(slots=True)
class Report:
    """What verification saw.

    :param seals: how many seals were checked; ``last_entry``: id of the last sealed entry.
    :param checkpoints: how many published checkpoints were compared. Without any, a cut tail cannot be found.
    :param lost_to_restores: seals that checkpoints know and a recorded restore gave up.
    :param findings: at most :data:`FINDINGS_MAX`; ``is_complete`` is False if the reading stopped there.
    """

    seals: int = 0
    last_entry: int = 0
    checkpoints: int = 0
    lost_to_restores: int = 0
    findings: list[Finding] = field(default_factory=list)
    is_complete: bool = True

    @property
    def is_intact(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class _Place:
    sequence: int = 0
    epoch: int = -1
    xid: int = 0
    entry_id: int = 0
    mac: bytes = GENESIS

    @property
    def position(self) -> tuple[int, int, int]:
        return self.epoch, self.xid, self.entry_id


async def verify(
    database: Database,
    keys: ChainKeys,
    history: CheckpointHistory,
    *,
    service: str,
    page: int = PAGE,
    findings_max: int = FINDINGS_MAX,
) -> Report:
    """Read the whole chain in pages and compare it with what was published.

    Memory stays that of one page. Each seal is checked against the one stored before it, so that one edited entry is
    one finding and not all that follow.
    """
    report = Report()
    expected = _expected(history, keys, service, report)
    place = _Place()
    while report.is_complete:
        async with database.transaction(Area.everywhere()) as connection:
            rows = (await connection.execute(_PAGE, {"after": place.sequence, "page": page})).all()
            if not rows:
                break
            start = place
            for row in rows:
                place = _check(row, place, keys, expected, report)
            await _find_strangers(connection, start, place, report, findings_max)
        report.is_complete = len(report.findings) < findings_max
    if report.is_complete:
        for count, published in sorted(expected.items()):
            attack = Attack.TAIL_CUT if count > place.sequence else Attack.SEAL_REMOVED
            report.findings.append(Finding(attack, published.last_entry, count))
    del report.findings[findings_max:]
    return report


@dataclass(frozen=True, slots=True)
class _Published:
    """What was published about one seal; a restore's line does not tell the entry (0)."""

    mac: bytes
    last_entry: int


def _expected(history: CheckpointHistory, keys: ChainKeys, service: str, report: Report) -> dict[int, _Published]:
    """What the chain must still show, by number of seals."""
    report.findings += [Finding(Attack.CHECKPOINT_UNREADABLE, 0, number) for number in history.unreadable_lines]
    restores = []
    for mark in history.restores:
        if mark.is_genuine(service, keys):
            restores.append(mark)
        else:
            report.findings.append(Finding(Attack.CHECKPOINT_DIFFERS, 0, mark.seals_kept))
    published = [(c.epoch, c.count, _Published(c.mac, c.last_entry)) for c in history.checkpoints]
    published += [(r.epoch, r.seals_kept, _Published(r.chain_mac, 0)) for r in restores if r.seals_kept]
    expected: dict[int, _Published] = {}
    for epoch, count, told in published:
        kept = min((restore.seals_kept for restore in restores if restore.epoch > epoch), default=count)
        if count > kept:
            report.lost_to_restores = max(report.lost_to_restores, count - kept)
        elif not is_equal(expected.setdefault(count, told).mac, told.mac):
            # Two lines about one seal: a made-up one stands beside the true one.
            report.findings.append(Finding(Attack.CHECKPOINT_DIFFERS, told.last_entry, count))
    report.checkpoints = len(expected)
    return expected


def _check(row: Row[Any], before: _Place, keys: ChainKeys, expected: dict[int, _Published], report: Report) -> _Place:
    here = _Place(row.sequence, row.seal_epoch, row.seal_xid, row.entry_id, bytes(row.mac))

    def found(attack: Attack) -> None:
        report.findings.append(Finding(attack, row.entry_id, row.sequence))

    report.seals += 1
    report.last_entry = row.entry_id
    is_next = row.sequence == before.sequence + 1
    if not is_next:
        found(Attack.SEAL_REMOVED)
    if here.position <= before.position:
        found(Attack.REORDERED)
    if row.id is None:
        found(Attack.DELETED)
    elif is_next:
        problem = _broken(row, before, keys)
        if problem is not None:
            found(problem)
    told = expected.pop(row.sequence, None)
    if told is not None and not (is_equal(told.mac, here.mac) and told.last_entry in (0, row.entry_id)):
        found(Attack.CHECKPOINT_DIFFERS)
    return here


def _broken(row: Row[Any], before: _Place, keys: ChainKeys) -> Attack | None:
    if row.form not in COVERED:
        return Attack.EDITED
    try:
        key = keys.named(row.key_id)
    except UnknownKey:
        return Attack.KEY_MISSING
    entry = canonical(row._asdict(), row.form)
    mac = seal_mac(key, previous=before.mac, sequence=row.sequence, form=row.form, entry=entry)
    if not is_equal(mac, bytes(row.mac)) or (row.epoch, row.xid) != (row.seal_epoch, row.seal_xid):
        return Attack.EDITED
    return None


async def _find_strangers(
    connection: AsyncConnection, start: _Place, end: _Place, report: Report, findings_max: int
) -> None:
    """Entries that lie between sealed ones and have no seal: nobody commits there any more."""
    if end.position <= start.position:
        return
    strangers = await connection.execute(
        _STRANGERS,
        {
            "from_epoch": start.epoch,
            "from_xid": str(start.xid),
            "from_id": start.entry_id,
            "to_epoch": end.epoch,
            "to_xid": str(end.xid),
            "to_id": end.entry_id,
            "most": findings_max,
        },
    )
    report.findings += [Finding(Attack.ADDED, row.id, 0) for row in strangers]
