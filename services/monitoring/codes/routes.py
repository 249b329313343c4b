"""Serve every code list, so that no client copies one: with labels and source."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Message, NotFound
from chassis.http.acting import reads
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from chassis.types import Day, Model
from services.monitoring import permissions as may
from services.monitoring.codes.code_list import CodeList
from services.monitoring.codes.registry import CODE_LISTS

router = service_router("codes")

_UNKNOWN: Final = Message("没有这个代码表，可用的见 /codes。", "There is no such code list; /codes names them all.")


class CodeListHead(Model):
    """What a code list is, without its entries."""

    name: str
    title_zh: str
    title_en: str
    source: str
    valid_from: Day | None
    valid_to: Day | None


class CodeEntry(Model):
    """One entry."""

    code: str
    name: str = Field(description="English name, as in the API document's `x-enum-varnames`.")
    label: str = Field(description="Chinese name.")
    aliases: list[str] = Field(description="Other names for it in files of departments.")


class CodeListRead(CodeListHead):
    """A code list with its entries."""

    entries: list[CodeEntry]


class CodeLists(Model):
    """Every code list."""

    items: list[CodeListHead]


def _head(codes: type[CodeList]) -> dict[str, Any]:
    note = codes.note
    return {
        "name": note.name,
        "title_zh": note.title.zh,
        "title_en": note.title.en,
        "source": note.source,
        "valid_from": note.valid_from,
        "valid_to": note.valid_to,
    }


def _whole(codes: type[CodeList]) -> CodeListRead:
    entries = [
        CodeEntry(code=entry.value, name=entry.name, label=entry.label, aliases=list(entry.aliases)) for entry in codes
    ]
    return CodeListRead(**_head(codes), entries=entries)


_LISTS: Final = CodeLists(items=[CodeListHead(**_head(codes)) for codes in CODE_LISTS.values()])
_WHOLE: Final = {name: _whole(codes) for name, codes in CODE_LISTS.items()}

SignedIn = Annotated[UnitOfWork, reads(may.CODE_READ)]


@router.get("/codes", operation_id="code_lists_read")
@reference_data
async def code_lists_read(_unit: SignedIn) -> CodeLists:
    """Name every code list."""
    return _LISTS


@router.get("/codes/{name}", operation_id="code_list_read")
@reference_data
async def code_list_read(name: str, _unit: SignedIn) -> CodeListRead:
    """Read one code list with its entries."""
    if name not in _WHOLE:
        raise NotFound(_UNKNOWN)
    return _WHOLE[name]
