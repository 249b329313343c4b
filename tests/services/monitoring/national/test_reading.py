"""The contract holds together, and a household's rows are read for all that they say."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from chassis.security.scope import Area
from chassis.tabular import CellFault, HeaderSpec
from chassis.testing.programs import COUNTY
from services.monitoring.codes.income import IncomeGroup, IncomeLineKind
from services.monitoring.codes.monitoring import MeasureKind, Risk
from services.monitoring.codes.relations import Relation
from services.monitoring.national.contract import COLUMNS, MEASURES, OF_PERSON, PARTS, TOTALS
from services.monitoring.national.reading.cells import read_code, read_codes
from services.monitoring.national.reading.facts import FactReader
from services.monitoring.national.reading.household import HouseholdReader
from services.monitoring.national.reading.pieces import NationalPieces, OpenedExport
from services.monitoring.national.reading.places import Villages
from tests.services.monitoring.national.national_files import DASHAN, LABELS, XIULAN, member, table

TODAY, EXPORTED = date(2024, 6, 3), date(2024, 5, 31)
READER = HouseholdReader(Area.of(COUNTY), Villages({}), FactReader(EXPORTED, TODAY, first_month=10))


def read(*rows, **options):
    with OpenedExport(io.BytesIO(table(*rows, **options)), {}) as opened:
        return NationalPieces(opened, READER).take(1_000)


def wrong(piece):
    return [(refusal.row, refusal.column, refusal.code) for refusal in piece.piece.faults]


def test_the_columns_bear_the_labels_of_the_domain_in_its_order():
    HeaderSpec(COLUMNS)
    places = {column.name: at for at, column in enumerate(COLUMNS)}
    parts = (tuple(TOTALS), ("risks",), (MEASURES[0].started_on,), ("labour_skill",), ("sex", "relation"))
    firsts = [min(places[name] for name in names) for names in parts]
    assert firsts == sorted(firsts), "B4, B6, B9, D2, F3"
    labels = {column.label for column in COLUMNS}
    assert {group.label for group in IncomeGroup} <= labels
    assert {kind.label for kind in IncomeLineKind if not kind.is_undivided} <= labels
    assert set(PARTS.values()) | {one for one in IncomeLineKind if one.is_undivided} == set(IncomeLineKind)
    assert [columns.kind for columns in MEASURES] == list(MeasureKind)
    assert places.keys() >= OF_PERSON


async def test_the_contract_is_published_with_its_template(county):
    contract = await county.get("/national-contract")
    assert (contract["code"], contract["version"]) == ("national", 1)
    assert [one["label"] for one in contract["columns"]] == [column.label for column in COLUMNS]
    answer = await county.client.get("/national-contract/template")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert [cell.value for cell in book.worksheets[0][1]] == list(LABELS.values())


@pytest.mark.parametrize(("written", "meant"), [("户主", "02"), ("02", "02"), ("2", "02"), ("妻", "12"), ("97", "97")])
def test_an_entry_is_read_by_label_and_by_code(written, meant):
    assert read_code(Relation, written).value == meant


def test_several_entries_are_parted_by_any_mark_and_an_unknown_one_is_told():
    assert read_codes(Risk, "因病、02，因病") == (Risk.ILLNESS, Risk.SCHOOLING)
    with pytest.raises(CellFault, match="choice"):
        read_codes(Risk, "因病、因懒")


def test_totals_and_parts_become_lines_and_what_is_left_over_is_undivided():
    [piece] = read(
        DASHAN | {"wage_fen": "100", "wage_outside_work_fen": "60", "claims_fen": "0", "property_other_fen": 5}
    )
    assert piece.income is not None
    assert (piece.income.first, piece.income.last) == (date(2022, 10, 1), date(2023, 9, 30)), "the last that is over"
    assert piece.income.amounts == {
        IncomeLineKind.WAGE_OUTSIDE_WORK: 6_000,
        IncomeLineKind.WAGE_UNDIVIDED: 4_000,
        IncomeLineKind.PROPERTY_OTHER: 500,
        IncomeLineKind.CLAIMS_UNDIVIDED: 0,
    }
    assert piece.income_after.wage_fen == 10_000
    assert piece.income_after.property_fen == 500
    assert piece.income_after.net_fen is None, "without every part there is no sum"


def test_a_households_columns_may_stand_in_any_of_its_rows():
    [piece] = read(DASHAN, XIULAN | {"monitoring_type": "1", "registered_on": "2024/5/17", "risks": "因病、因残"})
    assert piece.monitoring is not None
    assert (piece.monitoring.registered_on, piece.monitoring.risks) == (
        date(2024, 5, 17),
        (Risk.ILLNESS, Risk.DISABILITY),
    )
    assert [person.identity for person in piece.persons] == ["610999197403123010", "610999197608053028"]
    [piece] = read(DASHAN, XIULAN | {"monitoring_type": "1", "registered_on": "2030-05-17"})
    assert wrong(piece) == [(3, "registered_on", "day_after_today")], "told where it stands"
    over = {"monitoring_type": "1", "registered_on": "2024-05-17", "eliminated_on": "2024-05-16"}
    [piece] = read(DASHAN, XIULAN | over)
    assert wrong(piece) == [(3, "eliminated_on", "eliminated_before_registered")]
    [piece] = read(DASHAN, XIULAN | over | {"eliminated_on": "2024-05-17"})
    assert wrong(piece) == []


def test_a_line_that_adds_up_others_and_a_title_are_no_households():
    rows = table(DASHAN, member()).decode("utf-8-sig").splitlines()
    content = "\r\n".join(
        [f"监测对象信息表{',' * rows[0].count(',')}", *rows, f"合计,2{',' * (rows[0].count(',') - 1)}"]
    )
    with OpenedExport(io.BytesIO(content.encode()), {}) as opened:
        pieces = NationalPieces(opened, READER).take(1_000)
    assert [(piece.piece.row, wrong(piece)) for piece in pieces] == [(3, []), (4, [])]


def test_a_note_loses_numbers_that_people_write_into_it():
    noted = {"monitoring_type": "1", "registered_on": "2024-05-17", "risk_1": "其他"}
    [piece] = read(DASHAN | noted | {"risk_note": "其子610999200609183013欠债，电话13800001234"})
    assert piece.monitoring is not None
    assert piece.monitoring.risk_note == "其子[identity number]欠债，电话[phone]"


def test_a_mapping_that_does_not_fit_falls_back_to_the_contracts_own_labels():
    with OpenedExport(io.BytesIO(table(DASHAN)), {"农户编码": "household_no"}) as opened:
        assert "household_no" in opened.columns
