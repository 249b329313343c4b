"""A command that names what is not there ends before anything is done, and a refusal tells each of its items."""

from __future__ import annotations

import pytest
import typer
from typer.testing import CliRunner

from chassis.errors import Fault, InvalidInput, Message
from deploy.console.main import app
from deploy.console.saying import fail_with


@pytest.mark.parametrize(
    "words",
    [
        ["republish", "assets", "--only", "nobody"],
        ["replay", "--consumer", "nobody"],
        ["reconcile", "--consumer", "nobody"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize(("locale", "says"), [("en_US.UTF-8", "Unknown consumer"), ("zh_CN.UTF-8", "没有这个消费者")])
def test_nothing_is_delivered_to_a_consumer_that_there_is_not(monkeypatch, tmp_path, words, locale, says):
    monkeypatch.setenv("LC_ALL", locale)
    result = CliRunner().invoke(app, [*words, "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert says in result.output
    assert "assets.people" in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("locale", "says"), [("en_US.UTF-8", "Say why."), ("zh_CN.UTF-8", "请说明理由。")])
def test_a_refusal_tells_what_to_correct(monkeypatch, capsys, locale, says):
    monkeypatch.setenv("LC_ALL", locale)
    with pytest.raises(typer.Exit):
        fail_with(InvalidInput(faults=[Fault("/reason", "missing", Message("请说明理由。", "Say why."))]))
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("locale", "says"),
    [("en_US.UTF-8", "choose one from 2024-04-01 to 2024-08-31."), ("zh_CN.UTF-8", "请用 2024-04-01 至 2024-08-31")],
)
def test_a_day_on_which_the_sample_tells_no_story_is_refused_with_those_on_which_it_does(
    monkeypatch, tmp_path, locale, says
):
    monkeypatch.setenv("LC_ALL", locale)
    result = CliRunner().invoke(app, ["sample", "--on", "2023-06-03", "--out", str(tmp_path / "county")])
    assert result.exit_code == 1
    assert says in result.output
    assert not (tmp_path / "county").exists()
