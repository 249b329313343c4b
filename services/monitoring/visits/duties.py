"""走访责任: who is due a visit and how often, as dated parameters of an area (clause B8, H-22, L-14, P-08, S-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from chassis.errors import Message
from chassis.parameters.catalogue import Default, Definition, ParameterType
from chassis.parameters.reader import ParameterBook
from services.monitoring.codes.visits import VisitReason
from services.monitoring.visits.forms import load_forms

RHYTHMS: Final = ("off", "days", "month", "quarter", "half_year", "year")
FOLLOW_UP_MONTHS: Final = "visits.follow_up.months"
_FROM: Final = date(2021, 1, 1)
_CHOSEN: Final = "平台暂定，以本地规定为准 / chosen here; an area's own row replaces it"
# reason: rhythm, days where the rhythm counts days, form, source
_DEFAULTS: Final = {
    VisitReason.MONITORED: ("month", 30, "general", _CHOSEN),
    VisitReason.FOLLOW_UP: (
        "quarter",
        90,
        "follow_up",
        "条款 B8：消除后每季度走访 / clause B8: visits each quarter after elimination",
    ),
    VisitReason.LIFTED: ("off", 180, "general", _CHOSEN),
    VisitReason.PAIRED: ("quarter", 90, "general", _CHOSEN),
    VisitReason.LEFT_BEHIND_ELDER: (
        "days",
        30,
        "left_behind",
        "条款 B11 规则 R27：30天未走访 / clause B11, rule R27: not visited for 30 days",
    ),
    VisitReason.LEFT_BEHIND_WOMAN: (
        "days",
        30,
        "left_behind",
        "条款 B11 规则 R27：30天未走访 / clause B11, rule R27: not visited for 30 days",
    ),
    VisitReason.LEFT_BEHIND_CHILD: (
        "days",
        30,
        "guardianship",
        "条款 B11 规则 R27：30天未走访 / clause B11, rule R27: not visited for 30 days",
    ),
    VisitReason.DIFFICULT_CHILD: ("month", 30, "guardianship", _CHOSEN),
    VisitReason.SERIOUS_ILLNESS: ("quarter", 90, "key_group", _CHOSEN),
    VisitReason.CHRONIC_BURDEN: ("quarter", 90, "key_group", _CHOSEN),
    VisitReason.SEVERE_DISABILITY: ("quarter", 90, "key_group", _CHOSEN),
    VisitReason.DISABLED_ELDER: ("month", 30, "key_group", _CHOSEN),
    VisitReason.DESTITUTE: (
        "month",
        30,
        "general",
        "岚发〔2021〕7号；条款 L-14：访视；次数自定 / clause L-14; how often is chosen here",
    ),
    VisitReason.LOW_INCOME: (
        "quarter",
        90,
        "general",
        "岚发〔2021〕7号；条款 L-14、S-17：访视；次数自定 / clause L-14, S-17; how often is chosen here",
    ),
}


@dataclass(frozen=True, slots=True)
class Duty:
    """One reason for visits in a county on a day.

    :ivar rhythm: ``days`` counts from the last visit; a calendar period is the one after that of the last visit, and
        its last day is the due. :ivar days: None unless the rhythm counts days.
    """

    reason: VisitReason
    rhythm: str
    days: int | None
    form: str
    source: str

    def as_row(self) -> dict[str, Any]:
        return asdict(self)


def _definitions() -> tuple[Definition, ...]:
    forms = tuple(sorted({form_type for form_type, _version in load_forms()}))
    made = []
    for reason, (rhythm, days, form, source) in _DEFAULTS.items():
        label = reason.label
        made += [
            Definition(
                f"visits.rhythm.{reason}",
                ParameterType.TEXT,
                "",
                Message(f"{label}：走访周期", f"How often a visit is due: {reason}"),
                choices=RHYTHMS,
                defaults=(Default(rhythm, source, _FROM),),
            ),
            Definition(
                f"visits.days.{reason}",
                ParameterType.INTEGER,
                "天",
                Message(f"{label}：按天数时的间隔", f"Days between visits where days are counted: {reason}"),
                minimum=1,
                defaults=(Default(days, source, _FROM),),
            ),
            Definition(
                f"visits.form.{reason}",
                ParameterType.TEXT,
                "",
                Message(f"{label}：走访表", f"The form of the visit: {reason}"),
                choices=forms,
                defaults=(Default(form, source, _FROM),),
            ),
        ]
    return (
        *made,
        Definition(
            FOLLOW_UP_MONTHS,
            ParameterType.INTEGER,
            "月",
            Message("风险消除后回访的月数，0 为不设期限", "Months of follow-up after elimination; 0: without an end"),
            minimum=0,
            defaults=(
                Default(
                    0,
                    "条款 B8：跟踪期由各地确定，可不设期限 / clause B8: the area's end of follow-up, which may be open",
                    _FROM,
                ),
            ),
        ),
    )


DEFINITIONS: Final = _definitions()


def duties_of(book: ParameterBook, *, region: int, on: date) -> Sequence[Duty]:
    """The duties in force in a county on a day; what is off is left out."""
    found = []
    for reason in _DEFAULTS:
        row = book.row(f"visits.rhythm.{reason}", region=region, on=on)
        if row.value == "off":
            continue
        counted = row.value == "days"
        found.append(
            Duty(
                reason=reason,
                rhythm=row.value,
                days=book.integer(f"visits.days.{reason}", region=region, on=on) if counted else None,
                form=book.text(f"visits.form.{reason}", region=region, on=on),
                source=row.source,
            )
        )
    return found
