"""A command that needs a running platform says so, also over a data directory whose last run is long over."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chassis.database.provision import ServiceDatabase
from chassis.ports import free_port
from deploy.console.main import app
from deploy.embedded.installation import Installation, Run
from deploy.embedded.sign_ins import keep_sign_ins
from deploy.sample.officers import officers

COMMANDS = [
    ["status"],
    ["import", "{file}"],
    ["screen"],
    ["clock", "set", "2999-01-01"],
    ["audit", "verify"],
    ["keys", "status"],
    ["keys", "reseal"],
    ["republish", "monitoring"],
    ["parked", "list", "monitoring"],
    ["sample", "--households", "3"],
]


@pytest.fixture
def over(tmp_path: Path) -> Path:
    """A data directory whose platform has ended."""
    installation = Installation(tmp_path / "over")
    installation.prepare()
    keep_sign_ins(installation, officers([])[:1])
    url = f"postgresql://monitoring_app:secret@127.0.0.1:{free_port()}/monitoring"
    database = ServiceDatabase("monitoring", app_url=url, migrate_url=url, backup_url=url)
    installation.write_run(Run(free_port(), str(tmp_path / "none"), {"monitoring": database}))
    return installation.directory


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_it_is_one_sentence(over, tmp_path, monkeypatch, words, is_new):
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("XIANJIE_MODE", raising=False)
    file = tmp_path / "file.csv"
    file.write_text("a\n1\n")
    data = tmp_path / "new" if is_new else over
    result = CliRunner().invoke(app, [word.format(file=file) for word in words] + ["--data", str(data)])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    said = result.output.strip()
    assert said in (
        "The platform is not running; start it with `make run`.",
        "The platform does not answer; start it with `make run`.",
    )
    assert not (data / "clock.json").exists()


def test_chinese_comes_first(monkeypatch, tmp_path):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(app, ["screen", "--data", str(tmp_path)])
    assert result.output == "平台没有在运行，请先 make run。\n"
