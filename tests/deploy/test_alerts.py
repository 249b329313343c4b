"""Every alert has a runbook and reads metrics that programs really show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from chassis.telemetry.metrics import metrics_of

ROOT = Path(__file__).parents[2]
RULES = yaml.safe_load((ROOT / "deploy/alerts/xianjie.rules.yml").read_text("utf-8"))["groups"][0]["rules"]
RUNBOOKS = ROOT / "deploy/runbooks"
_METRIC = re.compile(r"\bxianjie_\w+")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_names_its_runbook(rule):
    page = ROOT / rule["annotations"]["runbook"]
    assert page.stem == rule["alert"]
    text = page.read_text("utf-8")
    assert text.startswith(f"# {rule['alert']}\n")
    assert all(part in text for part in ("**Means.**", "**Look.**", "**Do.**"))
    assert rule["labels"]["severity"] in ("page", "warn")


def test_every_page_is_reached_and_every_link_leads_somewhere():
    index = (RUNBOOKS / "README.md").read_text("utf-8")
    pages = {page.stem for page in RUNBOOKS.glob("*.md")} - {"README"}
    assert set(re.findall(r"\[([\w-]+)\]", index)) == pages
    for page in RUNBOOKS.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
            assert (RUNBOOKS / target).is_file(), (page.name, target)


async def test_alerts_read_metrics_that_exist(make_program):
    program = make_program()
    metrics = metrics_of(program)
    metrics.requests.answered("GET", "/x", 500, 0.1)
    shown = (await metrics.exposition()).decode()
    known = set(re.findall(r"^# TYPE (\w+)", shown, re.MULTILINE)) | set(re.findall(r"^(\w+)[{ ]", shown, re.MULTILINE))
    asked = {name for rule in RULES for name in _METRIC.findall(rule["expr"])}
    assert len(asked) > 8
    assert asked - known == set()


async def test_a_metric_that_no_program_shows_would_be_found(make_program):
    shown = (await metrics_of(make_program()).exposition()).decode()
    assert "xianjie_never_heard_of" not in shown
