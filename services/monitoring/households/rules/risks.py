"""How the risks of a household are named (clause B6): up to five, the first required, each once and explained.

One set of checks for whoever names risks: an export of the national system is doubted by them, a case is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chassis.errors import Fault, Message
from services.monitoring.codes.monitoring import DisasterKind, Risk
from services.monitoring.households.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class NamedRisks:
    """What was said of a household's risks.

    :param risks: the first one first. ``disaster_kind`` belongs to risk 04.
    :param is_explained: whether there is the note that risk 99 needs.
    """

    risks: tuple[Risk, ...]
    disaster_kind: DisasterKind | None = None
    is_explained: bool = False


@dataclass(frozen=True, slots=True)
class RiskCheck:
    """One thing that can be wrong with the ``field``; ``breaks`` says whether it is.

    :param message: may name the area's numbers as ``{t.risks_max}``.
    """

    code: str
    field: str
    message: Message
    breaks: Callable[[NamedRisks, Thresholds], bool]


RISK_CHECKS: Final = (
    RiskCheck(
        "risk_missing",
        "risks",
        Message("监测对象至少要有一项致贫返贫风险，请补填。", "A monitored household has at least one risk; add it."),
        lambda named, _: not named.risks,
    ),
    RiskCheck(
        "risks_many",
        "risks",
        Message(
            "致贫返贫风险最多{t.risks_max}项且不能重复，请核对。",
            "A household has at most {t.risks_max} risks, none of them twice; check them.",
        ),
        lambda named, limits: len(named.risks) > limits.risks_max or len(set(named.risks)) < len(named.risks),
    ),
    RiskCheck(
        "risk_unexplained",
        "risks",
        Message("风险为其他时须写明具体情况，请补充说明。", "Risk 99 needs a note that says what it is; add it."),
        lambda named, _: Risk.OTHER in named.risks and not named.is_explained,
    ),
    RiskCheck(
        "disaster_kind_missing",
        "disaster_kind",
        Message("风险为因自然灾害时须填写灾害类别，请补填。", "Risk 04 needs the kind of disaster; add it."),
        lambda named, _: Risk.NATURAL_DISASTER in named.risks and named.disaster_kind is None,
    ),
)


def refusals_of_risks(named: NamedRisks, thresholds: Thresholds, *, pointer: str = "") -> list[Fault]:
    """Everything that is wrong with how the risks are named, each with what would satisfy it.

    :param thresholds: of the household's area. ``pointer``: where ``risks`` and ``disaster_kind`` stand in the request.
    """
    return [
        Fault(f"{pointer}/{check.field}", check.code, told(check.message, thresholds))
        for check in RISK_CHECKS
        if check.breaks(named, thresholds)
    ]


def told(message: Message, thresholds: Thresholds) -> Message:
    """The message with the area's own numbers in it."""
    return Message(message.zh.format(t=thresholds), message.en.format(t=thresholds))
