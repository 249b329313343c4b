"""Give every code list one shape: English names, code values, Chinese labels, source, and a schema that shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self, TypeVar

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from chassis.errors import Message
from chassis.types import compact


@dataclass(frozen=True, slots=True)
class CodeListNote:
    """What a code list is and where it comes from.

    :param name: under which it is served; stable.
    :param source: standard or paper that the codes come from.
    :param valid_from: first day on which the standard holds; None where its day is not on record. ``valid_to``: last
        day, None while in force.
    """

    name: str
    title: Message
    source: str
    valid_from: date | None = None
    valid_to: date | None = None


class CodeList(StrEnum):
    """A named string enum: the value is the code on the wire, ``label`` its Chinese name.

    ``aliases`` are other names for the same entry, as the national system's exports and departments write them.
    """

    label: str
    aliases: tuple[str, ...]
    note: ClassVar[CodeListNote]
    names: ClassVar[Mapping[str, CodeList]]

    def __new__(cls, code: str, label: str = "", aliases: tuple[str, ...] = ()) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        member.aliases = aliases
        return member

    @classmethod
    def read(cls, text: str) -> Self:
        """The entry that a file means by ``text``: its code, its label or an alias.

        :raises ValueError: if no entry is meant; the text is not repeated.
        """
        member = cls.names.get(compact(text))
        if not isinstance(member, cls):
            raise ValueError(f"not an entry of the code list {cls.note.name}")
        return member

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        said = handler(schema)
        listed = handler.resolve_ref_schema(said)
        listed["description"] = f"{cls.note.title.zh} ({cls.note.source})"
        listed["x-enum-varnames"] = [member.name for member in cls]
        listed["x-enum-descriptions"] = [member.label for member in cls]
        return said


List = TypeVar("List", bound=type[CodeList])


def code_list(
    name: str,
    *,
    title: Message,
    source: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Callable[[List], List]:
    """Name a code list and its source.

    :raises ValueError: if an entry has no label, or two entries could be read from one text.
    """

    def mark(codes: List) -> List:
        codes.note = CodeListNote(name, title, source, valid_from, valid_to)
        names: dict[str, CodeList] = {}
        for member in codes:
            if not member.label:
                raise ValueError(f"{member.name} of {name} has no label")
            for said in map(compact, (member.value, member.label, *member.aliases)):
                if names.setdefault(said, member) is not member:
                    raise ValueError(f"{said} names two entries of {name}")
        codes.names = names
        return codes

    return mark
