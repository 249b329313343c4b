"""控辍保学: the school roll, who answers for a dropout on two lines, visits to bring them back, returns (H-02, L-05).

Who answers is a list of the area by date: seven in one county, five in another (S-08).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Fault, Message
from services.monitoring.codes.registers import DropoutLine, ReturnVisitOutcome, SchoolStatus, StudyStage
from services.monitoring.registers.described import (
    CURRENT,
    LOCAL,
    TOWN,
    FactField,
    FactGrain,
    Feed,
    FindingRule,
    Lookup,
    Register,
    is_latest,
)
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import facts_of, text_of
from services.monitoring.registers.thresholds import (
    GOVERNMENT_LINE,
    RETURN_STAY_DAYS,
    SCHOOL_AGE_MAX,
    SCHOOL_AGE_MIN,
    SCHOOL_LINE,
)

_SCHOOL: Final = FactField(name="school", label=Message("学校", "School"), maximum=100)
_STAGE: Final = FactField(name="stage", label=Message("学段", "Stage of study"), codes=StudyStage)
_LINE: Final = FactField(name="line", label=Message("责任线", "Line"), codes=DropoutLine, required=True)


class SchoolRoll(Fact, table=True):
    """就学状态: where a child stood at school from a day on."""

    __tablename__: ClassVar[Any] = "register_dropout"
    __table_args__ = fact_rules(
        "register_dropout",
        FactGrain.PERSON,
        CheckConstraint(
            "status IN ('enrolled', 'enrolled_elsewhere', 'home_teaching', 'exempt_medical', 'suspended', 'graduated',"
            " 'dropped_out')",
            "known_status",
        ),
    )

    status: str = Field(sa_type=Text)
    stage: str | None = Field(None, sa_type=Text)
    school: str | None = Field(None, sa_type=Text)


class DropoutDuty(Fact, table=True):
    """责任人: who answers for one child, on which line and in which duty."""

    __tablename__: ClassVar[Any] = "register_dropout_duty"
    __table_args__ = fact_rules(
        "register_dropout_duty", FactGrain.PERSON, CheckConstraint("line IN ('government', 'school')", "known_line")
    )

    line: str = Field(sa_type=Text)
    duty: str = Field(sa_type=Text)
    holder: str = Field(sa_type=Text)


class ReturnVisit(Fact, table=True):
    """劝返走访: one visit to bring a child back to school."""

    __tablename__: ClassVar[Any] = "register_return_visit"
    __table_args__ = fact_rules(
        "register_return_visit",
        FactGrain.PERSON,
        CheckConstraint("line IN ('government', 'school')", "known_line"),
        CheckConstraint("outcome IN ('agreed', 'refused', 'away', 'unfit')", "known_outcome"),
    )

    line: str = Field(sa_type=Text)
    outcome: str = Field(sa_type=Text)
    note: str | None = Field(None, sa_type=Text)


class SchoolReturn(Fact, table=True):
    """返校: a child is back at school from ``holds_from``; ``holds_to`` is the last day before it left again."""

    __tablename__: ClassVar[Any] = "register_school_return"
    __table_args__ = fact_rules("register_school_return", FactGrain.PERSON)

    school: str = Field(sa_type=Text)
    stage: str | None = Field(None, sa_type=Text)


_ROLL: Final = facts_of(
    "education.status",
    FactGrain.PERSON,
    {"status": text_of("school_status"), "stage": text_of("study_stage"), "school": text_of("school")},
    name="roll",
)

# The department's word about a child stands until it says otherwise; what people recorded gives way to what is later.
_LAST_WORD: Final = is_latest(
    "register_dropout",
    "later.person_id = f.person_id",
    unless="f.source = 'department' AND later.source <> 'department'",
)
# School age begins with the September after the birthday and ends with a birthday, as in rule R08.
_OUT: Final = f"""
    f.status = 'dropped_out' AND {CURRENT} AND {_LAST_WORD}
    AND extract(year FROM age(make_date(CAST(extract(year FROM CAST(:today AS date) - interval '8 months') AS integer),
                                        9, 1), p.birth_date)) >= :age_min
    AND extract(year FROM age(CAST(:today AS date), p.birth_date)) <= :age_max
    AND NOT EXISTS (
        SELECT FROM register_school_return AS back
        WHERE back.person_id = f.person_id AND back.replaced_at IS NULL AND back.holds_from >= f.holds_from
          AND (back.holds_to IS NULL OR back.holds_to >= :today) AND back.holds_from + :stay_days <= :today)
"""
_AGES: Final = {"age_min": SCHOOL_AGE_MIN, "age_max": SCHOOL_AGE_MAX, "stay_days": RETURN_STAY_DAYS}
_NOT_IN_LINE: Final = Message(
    "此职务不在本地区该责任线的责任人名单中，请从参数中的名单选择。",
    "This duty is not on the area's list of that line; choose one of the parameter's list.",
)


def _duty_is_listed(values: Mapping[str, Any], on: date, lookup: Lookup) -> Sequence[Fault]:
    key = GOVERNMENT_LINE if values["line"] == DropoutLine.GOVERNMENT else SCHOOL_LINE
    return [] if values["duty"] in lookup(key, on) else [Fault("/duty", "duty_not_listed", _NOT_IN_LINE)]


DROPOUT: Final = Register(
    code="dropout",
    title=Message("控辍保学台账", "Register of school attendance and dropouts"),
    clause="条款 H-02（湖北2019年稳定脱贫意见）双线控辍保学，L-05（岚发〔2021〕7号），S-08（四川有效衔接实施意见）",
    grain=FactGrain.PERSON,
    table=SchoolRoll,
    fields=(
        FactField(name="status", label=Message("就学状态", "State at school"), codes=SchoolStatus, required=True),
        _STAGE,
        _SCHOOL,
    ),
    recorders=LOCAL,
    feed=Feed(datasets=("education.status",), select=_ROLL),
    findings=(
        FindingRule(
            code="out_of_school",
            label=Message("适龄儿童失学辍学", "A child of school age is out of school"),
            duty="education",
            condition=_OUT,
            parameters=_AGES,
        ),
        FindingRule(
            code="duty_unfilled",
            label=Message("辍学学生责任人不齐", "Not every duty for a dropout has its holder"),
            duty="education",
            condition=f"""{_OUT} AND EXISTS (
                SELECT FROM unnest(CAST(:government_line AS text[]) || CAST(:school_line AS text[])) AS due(duty)
                WHERE NOT EXISTS (
                    SELECT FROM register_dropout_duty AS held
                    WHERE held.person_id = f.person_id AND held.duty = due.duty AND held.replaced_at IS NULL
                      AND held.holds_from <= :today AND (held.holds_to IS NULL OR held.holds_to >= :today)))""",  # noqa: S608
            parameters=_AGES | {"government_line": GOVERNMENT_LINE, "school_line": SCHOOL_LINE},
        ),
    ),
)

DUTIES: Final = Register(
    code="dropout_duty",
    title=Message("控辍保学责任人", "Who answers for a dropout"),
    clause="条款 L-05（岚发〔2021〕7号）七长责任制，S-08（四川有效衔接实施意见）五长责任制",
    grain=FactGrain.PERSON,
    table=DropoutDuty,
    fields=(
        _LINE,
        FactField(name="duty", label=Message("职务", "Duty"), required=True, maximum=30),
        FactField(name="holder", label=Message("责任人", "Who holds it"), required=True, maximum=50),
    ),
    recorders=TOWN,
    checks=_duty_is_listed,
)

VISITS: Final = Register(
    code="return_visit",
    title=Message("劝返走访", "Visits to bring children back to school"),
    clause="条款 H-02（湖北2019年稳定脱贫意见）失学辍学劝返",
    grain=FactGrain.PERSON,
    table=ReturnVisit,
    fields=(
        _LINE,
        FactField(name="outcome", label=Message("结果", "Outcome"), codes=ReturnVisitOutcome, required=True),
        FactField(name="note", label=Message("说明", "Note"), maximum=500),
    ),
    recorders=LOCAL,
    ends_the_same_day=True,
)

RETURNS: Final = Register(
    code="school_return",
    title=Message("劝返复学", "Returns to school"),
    clause="条款 H-02（湖北2019年稳定脱贫意见）失学辍学劝返复学",
    grain=FactGrain.PERSON,
    table=SchoolReturn,
    fields=(FactField(name="school", label=Message("学校", "School"), required=True, maximum=100), _STAGE),
    recorders=LOCAL,
)
