"""The plan that a county has which sets none."""

from __future__ import annotations

from services.monitoring.cases.parameters import DEFINITIONS, PLAN
from services.monitoring.cases.rules.plan import read_plan

DEFAULT = read_plan(next(one for one in DEFINITIONS if one.key == PLAN).defaults[0].value)
