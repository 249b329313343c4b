"""困境儿童: orphans and children whom nobody in fact supports, with their guardian (L-14, S-20)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from chassis.errors import Message
from services.monitoring.codes.registers import ChildKind
from services.monitoring.registers.described import (
    CURRENT,
    TOWN,
    FactField,
    FactGrain,
    Feed,
    FindingRule,
    Register,
    is_latest,
)
from services.monitoring.registers.facts import Fact, fact_rules
from services.monitoring.registers.kinds.records import cast_of, facts_of, text_of
from services.monitoring.registers.thresholds import ADULT_YEARS


class Child(Fact, table=True):
    """困境儿童: a child is of a kind; ``guardian`` is absent where there is none."""

    __tablename__: ClassVar[Any] = "register_child"
    __table_args__ = fact_rules(
        "register_child", FactGrain.PERSON, CheckConstraint("kind IN ('orphan', 'unsupported')", "known_kind")
    )

    kind: str = Field(sa_type=Text)
    guardian: str | None = Field(None, sa_type=Text)


# Of a child who is both, each kind holds for itself until its own next row.
_CHILDREN: Final = facts_of(
    "civil.children",
    FactGrain.PERSON,
    {"kind": text_of("child_kind"), "guardian": text_of("guardian")},
    name="child",
    keys=("child_kind",),
    holds_to=f"""least({cast_of("ends_on", "date")}, lead(r.event_date) OVER (
        PARTITION BY r.subject_id, r.payload ->> 'child_kind' ORDER BY r.event_date) - 1)""",
    where=f"coalesce({cast_of('ends_on', 'date')} >= r.event_date, true)",
)

CHILDREN: Final = Register(
    code="child",
    title=Message("困境儿童台账", "Register of children in need"),
    clause="条款 L-14（岚发〔2021〕7号），S-20（四川有效衔接实施意见）孤儿、事实无人抚养儿童",
    grain=FactGrain.PERSON,
    table=Child,
    fields=(
        FactField(name="kind", label=Message("儿童类别", "Kind"), codes=ChildKind, required=True),
        FactField(name="guardian", label=Message("监护人", "Guardian"), maximum=50, names_somebody=True),
    ),
    recorders=TOWN,
    feed=Feed(datasets=("civil.children",), select=_CHILDREN),
    findings=(
        FindingRule(
            code="no_guardian",
            label=Message("未成年人没有监护人", "A minor has no guardian"),
            duty="civil",
            condition=f"""{CURRENT} AND f.guardian IS NULL
                AND {is_latest("register_child", "later.person_id = f.person_id")}
                AND extract(year FROM age(CAST(:today AS date), p.birth_date)) < :adult""",
            parameters={"adult": ADULT_YEARS},
        ),
    ),
    guards_children=True,
)
