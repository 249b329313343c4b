"""Which records prefill a request, what an answer must be, and when silence may be recorded (clause B8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Protocol
from uuid import UUID

from chassis.clock import BUSINESS_ZONE
from chassis.errors import Fault, Message
from chassis.tabular import CellFault, Column, Header, RawRow, parse_row

CONFIRMED: Final = "confirmed"
DIFFERS: Final = "differs"
NOTHING_KNOWN: Final = "nothing_known"
STOPPED: Final = "stopped"
_NO_HEADER: Final = Header(0, (), {})


class Known(Protocol):
    """A department's record in force."""

    @property
    def id(self) -> UUID: ...
    @property
    def dataset(self) -> str: ...
    @property
    def person_id(self) -> UUID: ...
    @property
    def event_date(self) -> date | None: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


def latest(records: Iterable[Known], apart: Mapping[str, Sequence[str]]) -> dict[tuple[str, UUID], list[Known]]:
    """The latest record of each matter, by contract and person.

    :param apart: by contract, the columns that tell several matters of one person apart.
    """
    found: dict[tuple[Any, ...], Known] = {}
    for one in sorted(records, key=lambda record: (record.event_date or date.min, record.recorded_at, record.id)):
        matter = tuple(str(one.payload.get(column)) for column in apart.get(one.dataset, ()))
        found[one.dataset, one.person_id, matter] = one
    grouped: dict[tuple[str, UUID], list[Known]] = {}
    for (dataset, person, _matter), one in sorted(found.items(), key=lambda pair: (pair[0][0], pair[0][2])):
        grouped.setdefault((dataset, person), []).append(one)
    return grouped


def compared_already(aids: Iterable[Known], kinds: Iterable[str]) -> Known | None:
    """The aid by whose granting civil affairs compared the household already, if one of these ``kinds`` is held."""
    held = [one for one in aids if one.payload.get("aid_kind") in set(kinds)]
    return next((one for one in held if one.payload.get("aid_change") != STOPPED), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """One item of a request that an answer is held against.

    :param title: of its fact; ``columns``: the values that it may have.
    """

    id: UUID
    is_known: bool
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True)
class Said:
    """What a department says of one item.

    :param given: its values as texts, by column.
    """

    item_id: UUID
    result: str
    given: Mapping[str, str]
    note: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What is kept of an answer to one item."""

    item_id: UUID
    result: str
    values: Mapping[str, Any] | None
    note: str | None


def settled(asked: Sequence[Asked], said: Sequence[Said], *, rest_as_known: bool) -> tuple[list[Settled], list[Fault]]:
    """What an answer says of every item, and everything that stands against it.

    :param rest_as_known: items that the answer does not name are as they were shown: confirmed, or nothing known.
    """
    by_id = {one.id: one for one in asked}
    done: dict[UUID, Settled] = {}
    faults: list[Fault] = []
    for place, one in enumerate(said):
        pointer = f"/items/{place}"
        item = by_id.get(one.item_id)
        if item is None or one.item_id in done:
            code = "item_unknown" if item is None else "item_twice"
            faults.append(Fault(f"{pointer}/item_id", code, _MESSAGES[code]))
            continue
        values, found = _values(item, one)
        faults += [Fault(pointer + fault.pointer, fault.code, fault.message) for fault in found]
        done[one.item_id] = Settled(one.item_id, one.result, values, one.note)
    missing = [one for one in asked if one.id not in done]
    if missing and not rest_as_known:
        message = Message(
            f"还有 {len(missing)} 项没有填写；与预填一致的，可填 rest=as_known。",
            f"{len(missing)} items are not answered; for those that are as shown give rest=as_known.",
        )
        faults.append(Fault("/items", "items_missing", message))
    for one_left in missing:
        result = CONFIRMED if one_left.is_known else NOTHING_KNOWN
        done[one_left.id] = Settled(one_left.id, result, None, None)
    return [done[one.id] for one in asked], faults


def refusal_of_silence(department: Message, due_at: datetime, now: datetime) -> Fault | None:
    """Why a department's silence cannot be recorded yet; the message names the date from which it can."""
    if now > due_at:
        return None
    until = due_at.astimezone(BUSINESS_ZONE)
    told = f"{until:%Y-%m-%d %H:%M}"
    message = Message(
        f"{department.zh}的反馈期限为 {told}，期满后才能记为逾期未反馈。",
        f"The department may answer until {told}; its silence can be recorded after that.",
    )
    return Fault("", "not_due_yet", message)


def _values(item: Asked, said: Said) -> tuple[Mapping[str, Any] | None, list[Fault]]:
    if said.result != DIFFERS:
        faults = [Fault("/values", "values_without_difference", _MESSAGES["values"])] if said.given else []
        if said.result == CONFIRMED and not item.is_known:
            faults.append(Fault("/result", "nothing_to_confirm", _MESSAGES["nothing"]))
        return None, faults
    names = {column.name for column in item.columns}
    faults = [Fault(f"/values/{name}", "column_unknown", _MESSAGES["column"]) for name in given_beside(said, names)]
    if not said.given and not (said.note or "").strip():
        faults.append(Fault("/values", "difference_missing", _MESSAGES["difference"]))
    values, found = parse_row(item.columns, RawRow(0, dict(said.given), (), _NO_HEADER))
    kept = {name: _plain(value) for name, value in values.items() if value is not None}
    # What a column requires of a file binds no answer: a department says what it knows.
    faults += [_fault(fault) for fault in found if fault.code != "required"]
    return kept or None, faults


def given_beside(said: Said, names: set[str]) -> list[str]:
    """Columns of an answer that its fact does not have."""
    return sorted(set(said.given) - names)


def _fault(fault: CellFault) -> Fault:
    return Fault(f"/values/{fault.column}", fault.code, fault.message)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


_MESSAGES: Final = {
    "item_unknown": Message("这不是该请求的事项，请核对。", "This is no item of the request."),
    "item_twice": Message("同一事项出现两次，请保留一项。", "The same item is named twice; keep one entry."),
    "values": Message("只有“不符”才填写更正值。", "Give values only where the result is `differs`."),
    "nothing": Message(
        "该事项没有预填数据，请选“不符”并填写，或选“无记录”。",
        "Nothing was shown here: answer `differs` with values, or `nothing_known`.",
    ),
    "column": Message("该事项没有这一列。", "The fact has no such column."),
    "difference": Message("请填写更正值，或在备注中说明。", "Give the values that differ, or say so in the note."),
}
