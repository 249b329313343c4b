"""Chunks are written at once and commit in the order of the file; what two of them share is written once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chassis.jobs import chunked_import
from services.monitoring.households.importing.job import import_kind
from services.monitoring.households.importing.model import Batch
from tests.personas import household, number, person

ONE_A_CHUNK = import_kind(chunk_persons=1)
PLAIN = {"education": "70", "is_insured": True}


async def test_a_household_in_neighbouring_chunks_is_created_once_and_compared_afterwards(importing, lines):
    one = household(members=[person(**PLAIN)])
    row = await importing.run(lines(one, one | {"address": "二组"}, one | {"address": "三组"}), ONE_A_CHUNK)
    assert (row.result["created"], row.result["total"]) == (1, 1)
    [stored] = await importing.ask("SELECT address, version FROM household")
    assert tuple(stored) == ("三组", 3), "in the order of the file"


async def test_chunks_that_change_one_known_household_do_not_wait_for_each_other_for_ever(importing, lines):
    head, child = person(**PLAIN), person(relation="20", identity_number=number("20010101"), **PLAIN)
    both = household(members=[head, child])
    await importing.run(lines(both))
    # Neither names the other's person, so nothing in the file says that the two lines are about one household.
    changed = [both | {"members": [one], "address": f"{place}组"} for place, one in enumerate((head, child))]
    row = await importing.run(lines(*changed, *(household() for _ in range(4))), ONE_A_CHUNK)
    assert (row.result["updated"], row.result["created"]) == (1, 4)
    [stored] = await importing.ask("SELECT address, version, member_count FROM household WHERE version > 1")
    assert tuple(stored) == ("1组", 3, 2)


async def test_what_follows_a_chunk_that_fails_is_not_committed(importing, lines, monkeypatch):
    households = [household() for _ in range(2 * chunked_import.WRITING_MAX)]
    asked = await importing.hand_in(lines(*households))
    keep = chunked_import.keep_records
    done = []

    async def breaks(unit, job, fates, *, up_to):
        done.append(up_to)
        if up_to == 2:
            raise RuntimeError("the second chunk's disk is full")
        await keep(unit, job, fates, up_to=up_to)

    monkeypatch.setattr(chunked_import, "keep_records", breaks)
    async with importing.working(ONE_A_CHUNK):
        row = await importing.over(asked)
    assert row.state == "failed"
    assert done == [1, 2], "the third waits for the second"
    assert len(await importing.ask("SELECT FROM household")) == 1
    assert row.resume["after"] == 1


def test_a_worker_imports_no_driver_no_framework_and_no_reader_of_workbooks():
    look = (
        "import sys; import services.monitoring.households.importing.worker;"
        "print(*sorted({'sqlalchemy', 'psycopg', 'fastapi', 'openpyxl', 'sqlmodel'} & set(sys.modules)))"
    )
    seen = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == ""


@pytest.mark.parametrize("end", [b"", b"\n", b"\n \n"])
def test_lines_keep_their_numbers_when_some_are_blank(end):
    batch = Batch(9, 1, b"\xef\xbb\xbf{1}\r\n\n{3}" + end)
    assert [(piece.row, piece.document.strip()) for piece in batch.pieces] == [(1, b"{1}"), (3, b"{3}")]
    later = Batch(9, 7, b"{7}\n{8}\n")
    assert [piece.row for piece in later.pieces] == [7, 8]
