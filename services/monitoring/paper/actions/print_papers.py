"""Compose the papers of households, or their rows in the national order, and keep in the audit log who took them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from chassis.audit.reads import READ_IDS_MAX, sensitive_read
from chassis.database.unit_of_work import UnitOfWork
from chassis.paper.document import Document
from chassis.parameters.reader import ParameterBook
from chassis.tabular import Format, open_writer
from services.monitoring.codes.evidence import ConsentKind
from services.monitoring.consents.thresholds import VALID_MONTHS
from services.monitoring.interviews.queries.catalogue import form_of
from services.monitoring.interviews.queries.draft import prepare
from services.monitoring.national.contract import COLUMNS
from services.monitoring.paper.queries.households import household_facts
from services.monitoring.paper.queries.selection import selected_households
from services.monitoring.paper.rules.facts import HouseholdFacts
from services.monitoring.paper.rules.forms import authorisation, card, commitment
from services.monitoring.paper.rules.interview_form import interview_form
from services.monitoring.paper.rules.national_sheet import national_rows, national_sheet
from services.monitoring.paper.schemas import ANSWERED_MAX, HOUSEHOLDS_MAX, PaperForm, PaperPrint, PaperSelection
from services.monitoring.parameters import book_of

INTERVIEW_FORM: Final = "household_check"


async def print_papers(unit: UnitOfWork, body: PaperPrint) -> list[Document]:
    """The papers asked for, a household's own after each other, for somebody who waits for them.

    :raises InvalidInput: unless the households are named in one way; if there are none, or too many.
    :raises NotFound: if what is named does not lie in the caller's area.
    """
    households, facts = await _read(unit, body, action="paper.print", households_max=ANSWERED_MAX)
    return await compose(unit, body.forms, households, facts)


async def compose(
    unit: UnitOfWork, forms: Sequence[PaperForm], households: Sequence[Any], facts: Mapping[UUID, HouseholdFacts]
) -> list[Document]:
    """The papers of these households, each one's own after each other."""
    today = unit.clock.today()
    documents: list[Document] = []
    for row in households:
        book = await book_of(unit, row.region)
        for form in dict.fromkeys(forms):
            if form is PaperForm.INTERVIEW:
                documents.append(await _interview(unit, row, facts[row.id], today))
            else:
                documents.append(_paper(form, facts[row.id], book, row.region, today))
    return documents


async def export_rows(unit: UnitOfWork, body: PaperSelection) -> bytes:
    """The households as a table (CSV) with the columns of the national contract, in its order: one member a row.

    :raises InvalidInput: unless the households are named in one way; if there are none, or too many.
    :raises NotFound: if what is named does not lie in the caller's area.
    """
    households, facts = await _read(unit, body, action="paper.export")
    sink = io.BytesIO()
    with open_writer(sink, [column.label for column in COLUMNS], form=Format.CSV) as writer:
        for row in households:
            for values in national_rows(facts[row.id]):
                writer.write(values)
    return sink.getvalue()


async def _read(
    unit: UnitOfWork, body: PaperSelection, *, action: str, households_max: int = HOUSEHOLDS_MAX
) -> tuple[Sequence[Any], dict[UUID, HouseholdFacts]]:
    """The households that are meant and what is known of them, with the read in the audit log.

    :raises InvalidInput: unless the households are named in one way; if there are none, or too many.
    :raises NotFound: if what is named does not lie in the caller's area.
    """
    households = await selected_households(unit, body, households_max=households_max)
    facts, persons = await household_facts(unit, households, whole=body.whole_numbers)
    await keep_read(unit, body, persons, action=action)
    return households, facts


async def keep_read(unit: UnitOfWork, body: PaperSelection, persons: Sequence[UUID], *, action: str) -> None:
    """Keep in the audit log of whom something is printed, and what for."""
    fields = ["name", *(("disability_number", "identity_number", "phone") if body.whole_numbers else ())]
    for start in range(0, len(persons), READ_IDS_MAX):
        await sensitive_read(
            unit, action, "person", persons[start : start + READ_IDS_MAX], body.purpose, fields=sorted(fields)
        )


def _paper(form: PaperForm, facts: HouseholdFacts, book: ParameterBook, region: int, today: date) -> Document:
    if form is PaperForm.CARD:
        return card(facts, on=today)
    if form is PaperForm.NATIONAL_SHEET:
        return national_sheet(facts, on=today)
    kind = ConsentKind(form.value)
    months = book.integer(VALID_MONTHS[kind], region=region, on=today)
    compose = commitment if kind is ConsentKind.COMMITMENT else authorisation
    return compose(facts, months=months, on=today)


async def _interview(unit: UnitOfWork, row: Any, facts: HouseholdFacts, today: date) -> Document:
    form = form_of(INTERVIEW_FORM, on=today)
    members, fields, known = await prepare(unit, row, form, today)
    answers = {key: one.value for key, one in known.items()}
    return interview_form(facts, form, fields, answers, dict(_names(members)), today)


def _names(members: Sequence[Any]) -> Iterator[tuple[UUID, str]]:
    for one in members:
        yield one.id, one.name
