"""What the documents name exists: paths, commands, calls, links; a checklist must send nobody astray."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from chassis.events.event import Event
from chassis.security.keys import KeyRing, Purpose, Suite
from services.monitoring.app import SERVICE
from services.monitoring.uploads import USES
from tests.architecture.checks import ROOT, tracked

CHECKLISTS = sorted((ROOT / "docs").glob("adding-*.md"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
DEFINED = {
    name
    for path in tracked("*.py")
    for line in re.findall(r"\b(?:def|class|import)\b([^\n]*)", path.read_text("utf-8"))
    for name in re.findall(r"\w+", line)
}


def quoted(text: str) -> set[str]:
    """Everything between backticks, code blocks apart."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)))


def paths(words: set[str]) -> set[str]:
    """Those that look like paths of this repository."""
    return {word for word in words if re.fullmatch(r"[\w.-]+(/[\w.-]+)+", word) and not re.match(r"application/", word)}


def missing_paths(text: str) -> list[str]:
    return sorted(path for path in paths(quoted(text)) if not (ROOT / path).exists())


def missing_targets(text: str) -> list[str]:
    targets = {word.split()[1] for word in quoted(text) if re.match(r"make [a-z-]+", word)}
    return sorted(target for target in targets if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE))


def missing_calls(text: str) -> list[str]:
    """Names that are quoted with their bracket, as ``guard(`` is, and that no code defines or imports."""
    called = {found[1] for word in quoted(text) if (found := re.match(r"(?:\w+\.)?(\w+)\(", word))}
    return sorted(called - DEFINED)


@pytest.mark.parametrize("checklist", CHECKLISTS, ids=lambda path: path.stem)
def test_a_checklist_names_what_exists(checklist: Path):
    text = checklist.read_text("utf-8")
    assert len(paths(quoted(text))) >= 5, "a checklist names the files to touch"
    assert missing_paths(text) == []
    assert missing_targets(text) == []
    assert missing_calls(text) == []


def test_what_does_not_exist_is_found():
    text = "Touch `services/monitoring/nowhere.py` and `tests/permissions.csv`, call `vanish(`, run `make nothing`."
    assert missing_paths(text) == ["services/monitoring/nowhere.py"]
    assert missing_calls(text) == ["vanish"]
    assert missing_targets(text) == ["nothing"]


def test_there_is_a_checklist_for_each_common_change():
    assert [path.stem for path in CHECKLISTS] == [
        "adding-a-register", "adding-a-rule", "adding-an-endpoint", "adding-an-event"
    ]  # fmt: skip


def test_what_the_checklist_shows_of_a_register_is_where_it_says():
    text = (ROOT / "docs/adding-a-register.md").read_text("utf-8")
    for name, file in (
        ("water.access", "services/monitoring/datasets/contracts/water.py"),
        ("WaterQuality", "services/monitoring/codes/registers.py"),
        ("WaterAccess", "services/monitoring/registers/kinds/water.py"),
        ("_duty_is_listed", "services/monitoring/registers/kinds/school.py"),
        ("REPAIRS", "services/monitoring/registers/kinds/houses.py"),
        ("_years", "services/monitoring/registers/kinds/student_aid.py"),
    ):
        assert f"`{name}`" in text
        assert name in (ROOT / file).read_text("utf-8")


def test_what_the_checklist_shows_of_an_event_is_what_one_is():
    text = (ROOT / "docs/adding-an-event.md").read_text("utf-8")

    class CaseRegistered(Event, type="monitoring.case.registered", version=1):
        pass

    assert 'class CaseRegistered(Event, type="monitoring.case.registered", version=1)' in text
    assert CaseRegistered.wire_type() == "cn.xianjie.monitoring.case.registered.v1"


def test_what_the_rule_checklist_calls_r12_is_r12():
    text = (ROOT / "docs/adding-a-rule.md").read_text("utf-8")
    for name, file in (
        ("water_days_off", "services/monitoring/screening/terms/records.py"),
        ("water_days_off_max", "services/monitoring/screening/catalogue.toml"),
        ("record_water", "services/monitoring/screening/snapshot.py"),
        ("water.supply", "services/monitoring/datasets/contracts/water.py"),
        ("water_off_31_days", "deploy/sample/stories/living.py"),
        ("HEALTH_DEPARTMENTS", "services/monitoring/clues/visibility.py"),
    ):
        assert f"`{name}`" in text
        assert name in (ROOT / file).read_text("utf-8")


def folders(place: str) -> set[str]:
    return {path.parent.name for path in (ROOT / place).glob("*/*.py")} | {
        path.parent.parent.name for path in (ROOT / place).glob("*/versions/*.py")
    }


def test_the_map_names_what_exists_and_leaves_no_folder_out():
    text = (ROOT / "docs/map.md").read_text("utf-8")
    assert missing_paths(text) == []
    assert missing_targets(text) == []
    assert missing_calls(text) == []
    for place in ("services/monitoring", "chassis"):
        table = text.partition(f"| folder of `{place}/` |")[2].partition("\n\n")[0]
        listed = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.partition(" | ")[0])}
        assert listed == folders(place), place


@pytest.mark.parametrize("document", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_names_files_that_exist(document: Path):
    text = document.read_text("utf-8")
    assert [path for path in missing_paths(text) if not (ROOT / "services/monitoring" / path).exists()] == []
    assert missing_targets(text) == []


def test_phones_md_tells_every_kind_of_operation_and_every_purpose_of_an_upload():
    text = (ROOT / "docs/phones.md").read_text("utf-8")
    names = [re.sub(r"^register\..*\.", "register.{register_code}.", kind.name) for kind in SERVICE.operations]
    assert set(re.findall(r"^\| `([\w.{}]+\.\w+)` \|", text, re.MULTILINE)) == set(names)
    purposes = text.partition("announce: purpose = ")[2].partition("\ncurl")[0]
    assert set(re.findall(r"\w+", purposes)) == {use.purpose for use in USES}


def test_links_between_documents_lead_somewhere():
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in tracked("*.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]
    assert broken == []


def test_decisions_are_numbered_without_a_gap_and_say_their_number():
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    for number, path in enumerate(decisions, 1):
        assert path.name.startswith(f"{number:04d}-"), path.name
        assert path.read_text("utf-8").startswith(f"# {number}. "), path.name


def test_the_commands_of_keys_md_make_and_rotate_a_ring(tmp_path, monkeypatch):
    """Each block goes on where the one before it ended, as a reader would type them."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/keys.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    typed: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "docs/keys.md", "exec"), typed)
    path = tmp_path / "key-ring.json"
    ring = KeyRing.parse(path.read_text("utf-8"))
    assert [key.id for key in ring.keys(Purpose.DATA)] == [2, 1]
    assert path.stat().st_mode & 0o077 == 0


def test_keys_md_tells_every_purpose_and_suite_and_its_ring_is_one():
    text = (ROOT / "docs/keys.md").read_text("utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == {purpose.value for purpose in Purpose}
    assert all(f"`{suite.value}`" in text for suite in Suite)
    shown = re.search(r"^```json\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert shown is not None
    secrets = iter(range(1, 100))
    filled = re.sub(
        r"<base64, (\d+) bytes>",
        lambda found: base64.b64encode(bytes([next(secrets)]) * int(found[1])).decode(),
        shown[1],
    )
    assert KeyRing.parse(filled).current(Purpose.DATA).suite is Suite.GCM_SM4
    assert missing_paths(text) == []
