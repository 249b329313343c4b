"""A data directory that is damaged, readable by others, or none of ours is told in one sentence, by every command."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.console.main import app
from deploy.embedded.installation import Installation, Run

SECRET = "hush-hush"
COMMANDS = [
    ["status"],
    ["screen"],
    ["sample", "--households", "3"],
    ["clock", "set", "2999-01-01"],
    ["audit", "verify"],
    ["keys", "status"],
    ["republish", "monitoring"],
    ["parked", "list", "monitoring"],
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory of a run."""
    installation = Installation(tmp_path / "data")
    installation.prepare()
    installation.write_run(Run(1, str(tmp_path / "none"), {}))
    return installation.directory


def said(monkeypatch: pytest.MonkeyPatch, data: Path, words: list[str], locale: str) -> str:
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.delenv("XIANJIE_MODE", raising=False)
    result = CliRunner().invoke(app, [*words, "--data", str(data)])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    return result.output


@pytest.mark.parametrize(("locale", "says"), [("en_US.UTF-8", "but others may read it"), ("zh_CN.UTF-8", "其他用户")])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_addresses_that_others_may_read_are_named(monkeypatch, data, words, locale, says):
    (data / "run.json").chmod(0o644)
    told = said(monkeypatch, data, words, locale)
    assert says in told
    assert f"chmod 600 {data / 'run.json'}" in told


@pytest.mark.parametrize(("locale", "says"), [("en_US.UTF-8", "start the platform again"), ("zh_CN.UTF-8", "重新启动")])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("content", ["", "[]", "{}", '{"port": 1, "databases": {"funds": {"app_url": "hush-hush"'])
def test_addresses_that_are_damaged_are_named_and_not_repeated(monkeypatch, data, words, content, locale, says):
    (data / "run.json").write_text(content)
    told = said(monkeypatch, data, words, locale)
    assert says in told
    assert SECRET not in told


def test_a_start_writes_damaged_addresses_anew(data):
    (data / "run.json").write_text("{")
    Installation(data).forget_sockets()


def test_a_folder_that_is_no_data_directory_is_not_removed(monkeypatch, tmp_path):
    (tmp_path / "log").mkdir()
    (tmp_path / "thesis.odt").write_text("years of work")
    assert "nothing was removed" in said(monkeypatch, tmp_path, ["clean", "--yes"], "en_US.UTF-8")
    assert "未删除任何内容" in said(monkeypatch, tmp_path, ["clean", "--yes"], "zh_CN.UTF-8")
    assert (tmp_path / "thesis.odt").read_text() == "years of work"


@pytest.mark.parametrize("is_started", [False, True])
def test_a_data_directory_is_removed_also_after_a_start_that_failed_at_once(tmp_path, is_started):
    installation = Installation(tmp_path / "data")
    installation.make_folders()
    if is_started:
        installation.prepare()
    result = CliRunner().invoke(app, ["clean", "--yes", "--data", str(installation.directory)])
    assert result.exit_code == 0, result.output
    assert not installation.directory.exists()
