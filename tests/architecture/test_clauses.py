"""Every clause that code or a document cites stands in docs/clauses.md, and nothing stands there that nobody cites."""

from __future__ import annotations

import re

import pytest

from tests.architecture.checks import ROOT, tracked

TABLE = ROOT / "docs/clauses.md"
SUFFIXES = {".py", ".toml", ".md", ".json", ".yaml", ".yml", ".csv", ".sql"}
# The API's documents are written from the code, and their baseline tells of an earlier day.
WRITTEN = ROOT / "docs/api"
ID = r"(?:[HLPSX]-\d\d|[A-F]\d{1,2}|G\.\d|G|H)(?![\w-])"
LIST = rf"{ID}(?:(?:, and |, | and |、|–){ID})*"
OLD = re.compile(rf"\bdomain\s+{ID}", re.IGNORECASE)
TITLED = re.compile(rf"\b[Cc]lauses?\s+({LIST})|条款 ({LIST})")
DASHED = re.compile(r"(?<![\w-])[HLPSX]-\d\d(?![\w-])")


def cited(text: str) -> set[str]:
    """Ids that follow "clause" or 条款, and those with a dash wherever they stand."""
    named = {one for found in TITLED.finditer(text) for one in re.findall(ID, found[1] or found[2])}
    return named | set(DASHED.findall(text))


def rows() -> list[list[str]]:
    """The cells of every clause's row."""
    lines = [line.strip("| ").split(" | ") for line in TABLE.read_text("utf-8").splitlines() if line.startswith("|")]
    return [cells for cells in lines if len(cells) == 5 and re.fullmatch(ID, cells[0])]


def texts() -> dict[str, str]:
    """Every text of the repository that may cite, by its path; not the table, this test, or what is written anew."""
    apart = {TABLE, ROOT / "tests/architecture/test_clauses.py"}
    paths = [path for path in tracked("*") if path.suffix in SUFFIXES and path not in apart]
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in paths if WRITTEN not in path.parents}


@pytest.fixture(scope="module")
def cited_by() -> dict[str, list[str]]:
    """Each cited clause with the files that cite it."""
    found: dict[str, list[str]] = {}
    for path, text in texts().items():
        for one in cited(text):
            found.setdefault(one, []).append(path)
    return found


def test_every_cited_clause_can_be_looked_up(cited_by: dict[str, list[str]]):
    known = {cells[0] for cells in rows()}
    assert {one: paths[:3] for one, paths in cited_by.items() if one not in known} == {}


def test_every_clause_of_the_page_is_cited_somewhere(cited_by: dict[str, list[str]]):
    assert [cells[0] for cells in rows() if cells[0] not in cited_by] == []


def test_a_row_is_whole_and_names_a_place_that_exists():
    for one, chinese, says, source, where in rows():
        assert re.search(r"[一-鿿]", chinese), one
        assert says, one
        assert source, one
        assert (ROOT / where.strip("`")).exists(), f"{one}: {where}"


def test_each_clause_has_one_row():
    ids = [cells[0] for cells in rows()]
    assert len(ids) == len(set(ids))
    assert len(ids) > 50


def test_nothing_cites_a_document_from_outside_the_repository():
    assert [path for path, text in texts().items() if OLD.search(text) or "domain.md" in text] == []


def test_citations_are_found_in_all_their_forms():
    text = "(clause B8, F1) Clause B2; clauses\nB4, B6 and F3; 条款 B11、P-09；H-22. code D2, H25, UTF-8, clause B1–B4"
    assert cited(text) == {"B8", "F1", "B2", "B4", "B6", "F3", "B11", "P-09", "H-22", "B1"}
    assert OLD.search("the Domain\nB8 of old") is not None
