"""Each import contract catches a violation planted in a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

APART = "Services are independent; subscriptions alone read another's contract"
PLANTED = [
    ("The chassis imports nothing above it", "chassis/clock.py", "import services.monitoring.permissions"),
    ("The chassis imports nothing above it", "chassis/people/projection.py", "import services.monitoring.contract"),
    ("The gateway imports no service", "gateway/settings.py", "import services.monitoring.permissions"),
    ("Only deploy imports every program", "services/monitoring/permissions.py", "import gateway.settings"),
    (APART, "services/assets/app.py", "import services.funds.contract"),
    (APART, "services/employment/subscriptions.py", "import services.monitoring.permissions"),
    (APART, "services/monitoring/clues/rules.py", "from services.employment import base"),
    (
        "A contract brings nothing of its service along",
        "services/monitoring/contract.py",
        "import services.monitoring.households.tables",
    ),
    ("Only the Kafka bus knows aiokafka", "chassis/events/event.py", "import aiokafka"),
    ("Only the Kafka bus knows aiokafka", "services/funds/app.py", "import aiokafka"),
    ("Only the gateway's upstreams know httpx", "gateway/health.py", "import httpx"),
    ("Rules know no framework, driver or client", "services/monitoring/lines/rules.py", "import sqlalchemy"),
    (
        "In a noun: routes, then actions, queries, schemas, tables, rules",
        "services/monitoring/households/tables/persons.py",
        "import services.monitoring.households.queries.one",
    ),
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    """A copy of the packages and their contracts."""
    copy = tmp_path_factory.mktemp("tree")
    for name in ("chassis", "services", "gateway", "deploy"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_tree_as_it_is_keeps_every_contract(tree):
    result = lint(tree)
    assert result.returncode == 0, result.stdout[-3000:]


@pytest.mark.budget(seconds=120)
@pytest.mark.parametrize(("contract", "name", "line"), PLANTED, ids=[f"{name}: {line}" for _, name, line in PLANTED])
def test_a_planted_violation_is_caught(tree, contract, name, line):
    path = tree / name
    original = path.read_text("utf-8")
    path.write_text(original + f"\n{line}\n", "utf-8")
    try:
        result = lint(tree)
    finally:
        path.write_text(original, "utf-8")
    assert result.returncode == 1
    assert f"{contract} BROKEN" in result.stdout, result.stdout[-3000:]


def test_every_contract_has_a_planted_violation():
    known = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in known} == {contract for contract, _name, _line in PLANTED}


def test_no_noun_is_left_out_of_the_order_in_a_noun():
    contracts = {
        contract["name"]: contract
        for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    }
    nouns = {path.parent for path in (ROOT / "services/monitoring").glob("*/queries")}
    ordered = contracts["In a noun: routes, then actions, queries, schemas, tables, rules"]["containers"]
    assert set(ordered) >= {f"services.monitoring.{noun.name}" for noun in nouns}
    pure = contracts["Rules know no framework, driver or client"]["source_modules"]
    ruled = {noun.name for noun in nouns if (noun / "rules").is_dir() or (noun / "rules.py").exists()}
    assert set(pure) >= {f"services.monitoring.{name}.rules" for name in ruled}
