"""The page on setting up a county names parameters, calls and a plan that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

from services.monitoring.cases.parameters import PLAN
from services.monitoring.cases.rules.plan import read_plan
from services.monitoring.parameters import CATALOGUE

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/setting-up-a-county.md").read_text("utf-8")


def test_every_key_of_the_page_is_a_parameter():
    keys = set(re.findall(r"`((?:cases|comparisons|measures|registers|screening)\.[a-z_.]*[a-z])`", PAGE))
    assert len(keys) > 10
    for key in keys:
        assert CATALOGUE.definition(key).key == key


def test_every_call_of_the_page_is_a_route():
    described = json.loads((ROOT / "docs/api/monitoring.json").read_text("utf-8"))["paths"]
    called = set(re.findall(r"POST (/v1/monitoring/[a-z-]+)", PAGE))
    assert called
    assert called <= described.keys()


def test_the_plan_of_the_page_can_be_worked_by():
    [body] = re.findall(r"^POST /v1/monitoring/parameters\n(\{.*?\}\})$", PAGE, re.MULTILINE | re.DOTALL)
    proposed = json.loads(body)
    assert proposed["key"] == PLAN
    assert read_plan(proposed["value"]["value"]).limit_days == 20
