"""What an operator typed wrong, and how it is to be typed, is told in Chinese, and in English where that is spoken."""

from __future__ import annotations

import pytest
from click.testing import Result
from typer.testing import CliRunner

from deploy.console.main import app


@pytest.fixture
def xianjie(monkeypatch: pytest.MonkeyPatch):
    """``xianjie("status", locale="en_US.UTF-8")``."""

    def run(*words: str, locale: str = "zh_CN.UTF-8") -> Result:
        monkeypatch.setenv("LC_ALL", locale)
        return CliRunner().invoke(app, list(words), prog_name="xianjie")

    return run


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (["bogus"], "没有命令 bogus，可用的有：serve、migrate、", "No such command 'bogus'"),
        (["parked", "bogus"], "没有命令 bogus，可用的有：list、show、retry、drop", "No such command 'bogus'"),
        (["status", "--bad"], "没有选项 --bad。", "No such option: --bad"),
        (["status", "--jso"], "没有选项 --jso，相近的有 --json。", "--json"),
        (["import"], "缺少参数 file。", "Missing argument"),
        (["replay"], "缺少选项 --consumer。", "Missing option"),
        (["replay", "--consumer"], "选项 '--consumer' 后面要有值。", "requires an argument"),
        (["status", "monitoring"], "多出了 monitoring。", "unexpected extra argument"),
        (["import", "/none/such"], "参数 file 的值不对：找不到 '/none/such'。", "does not exist"),
        (["republish", "assets", "--since", "june"], "选项 --since 的值不对：'june' 不是 '%Y-%m-%d' 的写法", "format"),
        (["serve", "--port", "0"], "选项 --port 的值不对：应不小于 1。", "should be greater"),
        (["sample", "--households", "60001"], "选项 --households 的值不对：应不大于 60000。", "should be less"),
        (["parked", "retry", "assets", "reader", "7"], "参数 event_id 的值不对：应为 UUID。", "valid UUID"),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_wrong_words_are_told_with_the_right_ones(xianjie, words, zh, en):
    told = xianjie(*words)
    assert told.exit_code == 2
    assert zh in told.output
    assert not {"Usage:", "Error", "Try"} & set(told.output.split())
    theirs = xianjie(*words, locale="en_US.UTF-8")
    assert theirs.exit_code == 2
    assert en in theirs.output


@pytest.mark.parametrize("words", [["--help"], ["parked", "--help"], ["parked", "show", "--help"], ["parked"]])
def test_help_is_in_the_operators_language(xianjie, words):
    zh, en = xianjie(*words).output, xianjie(*words, locale="en_US.UTF-8").output
    pairs = (("用法：xianjie", "Usage: xianjie"), ("─ 选项 ─", "─ Options ─"), ("显示本说明", "Show this"))
    for chinese, english in pairs:
        assert chinese in zh
        assert english not in zh
        assert english in en
        assert chinese not in en
