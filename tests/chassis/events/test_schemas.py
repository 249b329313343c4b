"""Every event type has a schema and an example beside it, and a change that a reader could trip over is refused."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from chassis.events.compatibility import breaks
from chassis.events.event import Event
from chassis.events.schemas import SchemaBroken, check, example_of, schema_of, write
from chassis.testing.tally import Counted, CounterRecorded
from chassis.types import RegionCode

PAID = "cn.xianjie.funds.payment.made.v1"


class Kind(StrEnum):
    GRANT = "grant"
    LOAN = "loan"


class Source(BaseModel):
    level: Literal["central", "province"]
    amount_fen: int
    task: str | None = None


class PaymentMade(Event, type="funds.payment.made", version=1):
    """A payment."""

    payment: UUID
    region: RegionCode
    paid_on: date
    seen_at: datetime
    amount_fen: Annotated[int, Field(gt=0)]
    kind: Kind
    contractor: Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["AB"])]
    sources: list[Source]
    by_level: dict[str, int] = Field(default_factory=dict)
    direct: bool = False
    note: str | None = None


def test_the_example_of_every_type_is_valid_by_its_schema_and_by_its_class():
    for event in (PaymentMade, Counted, CounterRecorded):
        schema, example = schema_of(event), example_of(event)
        Draft202012Validator.check_schema(schema)
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(example)
        assert set(example) == set(event.model_fields)
        assert example_of(event) == example


def test_a_schema_tells_a_foreign_reader_what_is_wrong():
    validator = Draft202012Validator(schema_of(PaymentMade))
    broken = {**example_of(PaymentMade), "amount_fen": "600.00"}
    assert [list(error.path) for error in validator.iter_errors(broken)] == [["amount_fen"]]


def test_a_type_whose_example_cannot_be_made_says_which_field_needs_one():
    class Odd(Event, type="odd.thing.seen", version=1):
        plate: Annotated[str, Field(pattern="^[A-Z]{2}$")]

    with pytest.raises(ValueError, match=r"Odd: give Field\(examples=\[…\]\) to plate"):
        example_of(Odd)


def test_files_are_written_once_and_then_agree(tmp_path):
    assert {path.name for path in write([PaymentMade], tmp_path)} == {f"{PAID}.json", f"{PAID}.example.json"}
    assert write([PaymentMade], tmp_path) == []
    assert check([PaymentMade], tmp_path) == []


def test_a_type_without_files_and_files_without_a_type_are_found(tmp_path):
    assert check([PaymentMade], tmp_path) == [f"{PAID}: has no schema file; write the schemas and commit them"]
    write([PaymentMade], tmp_path)
    found = check([], tmp_path)
    assert len(found) == 2
    assert all("belongs to no event class" in problem for problem in found)


def test_an_added_optional_field_asks_only_for_fresh_files(tmp_path):
    write([PaymentMade], tmp_path)

    class Wider(PaymentMade, type="funds.payment.made", version=1):
        """A payment."""

        batch: UUID | None = None

    assert check([Wider], tmp_path) == [
        f"{PAID}: its files are not of today's class; write the schemas and commit them"
    ]
    assert len(write([Wider], tmp_path)) == 2
    assert check([Wider], tmp_path) == []


def test_an_example_written_by_hand_is_kept(tmp_path):
    write([Counted], tmp_path)
    path = tmp_path / f"{Counted.wire_type()}.example.json"
    path.write_bytes(orjson.dumps({"step": 77}))
    assert write([Counted], tmp_path) == []
    assert check([Counted], tmp_path) == []
    assert orjson.loads(path.read_bytes()) == {"step": 77}


def _changed(**annotations: Any) -> type[Event]:
    """PaymentMade with fields replaced, as (annotation, default) or as an annotation; None removes one."""
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in PaymentMade.model_fields.items()}
    namespace: dict[str, Any] = {"__annotations__": {}, "__doc__": PaymentMade.__doc__, "__module__": __name__}
    for name, annotation in {**{name: kept[0] for name, kept in fields.items()}, **annotations}.items():
        if annotation is None:
            continue
        field = fields.get(name)
        namespace["__annotations__"][name] = annotation
        if name not in annotations and field is not None:
            namespace[name] = field[1]
    return type(Event)("PaymentMade", (Event,), namespace, type="funds.payment.made", version=1)


class More(StrEnum):
    GRANT = "grant"
    LOAN = "loan"
    GIFT = "gift"


class OtherSource(BaseModel):
    level: Literal["central", "province"]
    amount_fen: int
    task: str


BREAKING = [
    ({"paid_on": None}, "/paid_on: was removed"),
    ({"batch": UUID}, "/batch: was made required; events of before lack it"),
    ({"note": str}, "/note: was made required; events of before lack it"),
    ({"amount_fen": str}, "/amount_fen: type changed from 'integer' to 'string'"),
    ({"amount_fen": Annotated[int, Field(gt=100)]}, "/amount_fen: exclusiveMinimum changed from 0 to 100"),
    (
        {"kind": Literal["grant", "loan", "gift"]},
        "/kind: enum changed from ['grant', 'loan'] to ['grant', 'loan', 'gift']",
    ),
    ({"kind": More}, "/kind: enum changed from ['grant', 'loan'] to ['grant', 'loan', 'gift']"),
    ({"paid_on": datetime}, "/paid_on: format changed from 'date' to 'date-time'"),
    ({"sources": list[OtherSource]}, "/sources/*/task: was made required; events of before lack it"),
    ({"payment": UUID | None}, "/payment: takes 2 kinds of value instead of 0"),
    ({"by_level": dict[str, str]}, "/by_level/*: type changed from 'integer' to 'string'"),
]


@pytest.mark.parametrize(("change", "problem"), BREAKING, ids=[problem for _, problem in BREAKING])
def test_a_breaking_change_is_named_and_nothing_is_written(tmp_path, change, problem):
    write([PaymentMade], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    changed = _changed(**change)
    found = check([changed], tmp_path)
    assert f"{PAID}: {problem}; make it cn.xianjie.funds.payment.made.v2 beside this one" in found
    with pytest.raises(SchemaBroken):
        write([changed], tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_unchanged_copy_breaks_nothing():
    assert breaks(schema_of(PaymentMade), schema_of(_changed())) == []


def test_new_words_break_nothing():
    old = schema_of(Counted)
    assert breaks(old, {**old, "title": "x", "description": "y", "examples": []}) == []


def test_a_required_field_that_became_optional_is_found():
    old = schema_of(Counted)
    assert breaks(old, {**old, "required": []}) == ["/step: was made optional; readers of before rely on it"]


def test_an_example_that_can_no_longer_be_read_is_found(tmp_path):
    write([Counted], tmp_path)
    (tmp_path / f"{Counted.wire_type()}.example.json").write_bytes(b'{"step": "many"}')
    [problem] = check([Counted], tmp_path)
    assert "the committed example can no longer be read" in problem
