"""The tree stays a place to live in."""

from __future__ import annotations

import re

from tests.architecture.checks import ROOT, tracked

LINES_MAX = 330
_FROM_A_TEST = re.compile(r"^\s*(?:from|import) (tests(?:\.\w+)*\.test_\w+)", re.MULTILINE)


def test_no_module_is_called_utils():
    names = {path.stem for path in tracked("*.py")}
    assert names.isdisjoint({"utils", "util", "helpers", "common", "misc"})


def test_modules_stay_small():
    packages = ("chassis", "services", "gateway", "deploy")
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in tracked("*.py")
        if path.relative_to(ROOT).parts[0] in packages and "versions" not in path.parts
        if (count := len(path.read_text("utf-8").splitlines())) > LINES_MAX
    }
    assert long == {}


def test_nothing_committed_names_a_path_of_somebodys_machine():
    marks = ("/work" + "/main", "/root" + "/.pyenv", "/opt" + "/wheels")
    found = [
        path.relative_to(ROOT).as_posix()
        for path in tracked("*")
        if path.suffix in {".py", ".md", ".toml", ".json", ".yml", ".lock", ""} and path.stat().st_size < 2_000_000
        if any(mark in path.read_text("utf-8", errors="ignore") for mark in marks)
    ]
    assert found == []


def test_what_tests_share_lies_in_no_test():
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in tracked("tests/*.py")
        if (names := _FROM_A_TEST.findall(path.read_text("utf-8")))
    }
    assert found == {}, (
        "what others need goes into a module beside the test, as in tests/services/monitoring/answers.py"
    )
    assert _FROM_A_TEST.findall("from tests.somewhere.test_it import thing\n") == ["tests.somewhere.test_it"]
