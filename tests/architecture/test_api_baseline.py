"""An API document that is old, missing or of nobody is found, and so is a break of what clients were made from."""

from __future__ import annotations

import json

import pytest

from tests.architecture import api_baseline as api

GONE = "GET /v1/funds/wells: was removed"


def document(*paths):
    operation = {"operationId": "well_list", "responses": {"200": {"description": "ok"}}}
    return json.dumps({"openapi": "3.1.0", "paths": {path: {"get": operation} for path in paths}})


@pytest.fixture
def tree(tmp_path):
    """A tree with committed documents and their baseline."""
    folder = tmp_path / api.FOLDER
    folder.mkdir(parents=True)
    (folder / "xianjie.json").write_text(document("/v1/funds/wells"), "utf-8")
    api.move(tmp_path)
    return tmp_path


def accept(tree, sentence, why="no client reads wells"):
    path = tree / api.FOLDER / "baseline" / "accepted.toml"
    path.write_text(f"[[accepted]]\nbreak = {json.dumps(sentence)}\nwhy = {json.dumps(why)}\n", "utf-8")


def test_documents_that_say_what_the_code_says_have_no_complaint(tree):
    text = document("/v1/funds/wells")
    assert list(api.documents_that_are_old({"xianjie": text}, tree)) == []
    assert list(api.breaks_since_the_baseline(text, tree)) == []


def test_an_old_a_missing_and_a_strange_document_are_found(tree):
    (tree / api.FOLDER / "nobody.json").write_text("{}", "utf-8")
    texts = {"xianjie": document("/v1/funds/pumps"), "funds": document()}
    assert list(api.documents_that_are_old(texts, tree)) == [
        "docs/api/xianjie.json: is not what the code gives; write it with `make openapi` and commit it",
        "docs/api/funds.json: is not what the code gives; write it with `make openapi` and commit it",
        "docs/api/nobody.json: is of no program; remove it",
    ]


def test_a_break_is_found_until_it_is_accepted_with_a_reason(tree):
    assert list(api.breaks_since_the_baseline(document(), tree)) == [f"the API breaks its clients: {GONE}"]
    accept(tree, GONE)
    assert list(api.breaks_since_the_baseline(document(), tree)) == []


def test_a_break_that_is_accepted_and_did_not_happen_is_found(tree):
    accept(tree, GONE)
    [complaint] = api.breaks_since_the_baseline(document("/v1/funds/wells"), tree)
    assert complaint == f"docs/api/baseline/accepted.toml: accepts what is no break: {GONE}"


def test_a_break_is_not_accepted_without_a_reason(tree):
    (tree / api.FOLDER / "baseline" / "accepted.toml").write_text(f"[[accepted]]\nbreak = '{GONE}'\n", "utf-8")
    with pytest.raises(KeyError, match="why"):
        list(api.breaks_since_the_baseline(document(), tree))


def test_a_release_moves_the_baseline_and_forgets_what_was_accepted(tree):
    accept(tree, GONE)
    (tree / api.FOLDER / "xianjie.json").write_text(document(), "utf-8")
    api.move(tree)
    assert list(api.breaks_since_the_baseline(document(), tree)) == []


def test_a_missing_baseline_is_said(tree):
    (tree / api.FOLDER / "baseline" / "xianjie.json").unlink()
    [complaint] = api.breaks_since_the_baseline(document(), tree)
    assert "is missing" in complaint


def test_two_programs_that_say_different_things_under_one_name_are_found():
    text = json.dumps({"x-conflicts": [{"kind": "component", "name": "schemas/Well"}]})
    assert list(api.parts_that_clash(text)) == [
        "two programs say different things of component schemas/Well; give one another name"
    ]
