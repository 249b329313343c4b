"""Where to turn with a self-report that came to nothing, in words for who holds its receipt."""

from __future__ import annotations

from typing import Final

from chassis.errors import Message
from services.monitoring.clues.self_report_schemas import OutcomeKind
from services.monitoring.codes.clues import NotOursReason

_ANEW: Final = Message(
    "有新情况可随时再次申报；不认可的，可向乡镇窗口、12317 或 12345 反映。",
    "Report again any time with new facts; to complain, turn to the town's window, 12317 or 12345.",
)
_WINDOW: Final = Message(
    "请核对姓名、证件号码和所在区划后再次申报，或到乡镇窗口当面申报；不认可的，可拨打 12317。",
    "Check name, number and division and report again, or come to the town's window; 12317 takes a complaint.",
)
_NOT_OURS: Final = {
    NotOursReason.ELSEWHERE: Message(
        "请向现在居住地的乡镇（街道）申报；不清楚向哪里申报的，可拨打 12317。",
        "Report to the town where you live now; 12317 tells which that is.",
    ),
    NotOursReason.UNREACHABLE: Message(
        "请留下能接通的电话再次申报，或到乡镇窗口当面申报。",
        "Report again with a phone on which you can be reached, or come to the town's window.",
    ),
}


def where_to_turn(kind: OutcomeKind, reason: str | None) -> Message:
    """What whoever reported may do now; it says nothing of who they are or whether they are registered."""
    if kind is not OutcomeKind.NOT_OURS:
        return _ANEW
    return _NOT_OURS.get(NotOursReason(reason), _WINDOW) if reason else _WINDOW
