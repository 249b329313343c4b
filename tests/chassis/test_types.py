"""A model of ours is complete at its first use, however many ask at once, and not before."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from pydantic import TypeAdapter, ValidationError, create_model

from chassis.types import Day, Model, NamePrefix, PersonName, Text

AT_ONCE = 8


def test_a_model_is_made_at_its_first_use_by_all_who_ask_at_once() -> None:
    kind = create_model("Well", __base__=Model, name=(Text, ...), depths=(list[int], ...))
    assert not kind.__pydantic_complete__
    begin = Barrier(AT_ONCE)

    def read() -> Model:
        begin.wait()
        return kind.model_validate({"name": " 东井 ", "depths": [7]})

    with ThreadPoolExecutor(AT_ONCE) as threads:
        read_ones = [future.result() for future in [threads.submit(read) for _ in range(AT_ONCE)]]
    assert {one.model_dump_json() for one in read_ones} == {'{"name":"东井","depths":[7]}'}
    assert kind.__pydantic_complete__


def test_a_services_start_makes_hardly_any_of_its_models() -> None:
    asked = (
        "import services.monitoring.app; from chassis.types import Model\n"
        "def below(kind):\n"
        "    return {one for sub in kind.__subclasses__() for one in (sub, *below(sub))}\n"
        "print(len(below(Model)), len({one for one in below(Model) if one.__pydantic_complete__}))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    there, made = map(int, done.stdout.split())
    assert there > 200
    assert made < there / 20, "what an adapter at a module's level asks for is made with it"


@pytest.mark.parametrize("said", ["0001-01-01", "1899-12-31", "3000-01-01", "9999-12-31", "2023-02-29", "2024-2-1"])
def test_a_day_of_no_calendar_here_is_refused(said: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(said)


@pytest.mark.parametrize("said", ["1900-01-01", "2024-02-29", "2999-12-31"])
def test_a_day_that_can_be_meant_is_taken(said: str) -> None:
    assert TypeAdapter(Day).validate_python(said).isoformat() == said


@pytest.mark.parametrize("dot", ["·", "•", "‧", "・", "･", "⋅", ".", "．", " . "])
def test_a_name_has_one_dot_however_it_was_typed(dot: str) -> None:
    for kind in (PersonName, NamePrefix):
        assert TypeAdapter(kind).validate_python(f"阿依古丽{dot}买买提") == "阿依古丽·买买提"
    assert TypeAdapter(PersonName).validate_python("J. Smith") == "J. Smith"
