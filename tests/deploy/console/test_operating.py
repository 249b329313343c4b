"""An operator imports, screens, migrates and moves the date of a platform that runs, and reads what became of it."""

from __future__ import annotations

import json
import os
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from click.testing import Result
from typer.testing import CliRunner

from chassis.security.keys import KeyRing, Purpose
from chassis.testing.database import meddle
from deploy.console.main import app
from deploy.embedded.installation import PROGRAMS
from tests.journeys.platforms import ON, Journey, journey

pytestmark = pytest.mark.budget(180)
SPOILT = "6.10999E+17"
GOOD = "610999197608053028"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with journey(tmp_path_factory.mktemp("platform"), 12) as made:
        yield made


@pytest.fixture
def xianjie(told: Journey, monkeypatch: pytest.MonkeyPatch):
    """``xianjie("status")``: the command over this platform, its words in English."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("XIANJIE_DATA_DIR", str(told.platform.installation.directory))
    monkeypatch.delenv("XIANJIE_MODE", raising=False)

    def run(*words: Any) -> Result:
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


def test_the_state_of_everything_that_runs_is_told(xianjie):
    until = time.monotonic() + 60
    while (told := xianjie("status")).exit_code != 0:  # a worker that is busy may not say in time that it is ready
        assert time.monotonic() < until, told.output
        time.sleep(0.2)
    for words in ("assets-worker +yes", "assets.people +yes +0 +0", "monitoring +[0-9]+ +[0-9]+"):
        assert re.search(words, told.output), told.output
    parts = json.loads(xianjie("status", "--json").output)["programs"]["assets-worker"]["answer"]["parts"]
    assert parts["consumer assets.people"]["ready"] is True


@pytest.mark.parametrize("service", [each.name for each in PROGRAMS])
def test_a_platform_that_was_just_started_has_put_no_event_aside(xianjie, service):
    told = xianjie("parked", "list", service)
    assert (told.exit_code, told.output) == (0, "")


def test_a_parked_event_is_shown_masked_and_whole_for_a_purpose_only(told, xianjie):
    event, subject = str(uuid4()), str(uuid4())
    place = ("assets", "assets.people", event)
    parked = f"""
        INSERT INTO parked (consumer, event_id, type, source, subject, aggregate_version, region, time, data, state,
                            next_try_at, reason)
        VALUES ('assets.people', '{event}', 'cn.xianjie.test', 'test', '{subject}', 1, 610999101203, now(),
                '{{"household": "{subject}", "step": 7}}', 'dead', now(), 'KeyError')
    """
    meddle(told.platform.run.databases["assets"], parked)
    shown = json.loads(xianjie("parked", "show", *place).output)
    assert (shown["state"], shown["reason"], shown["data"]["household"]) == ("dead", "KeyError", subject)
    assert shown["data"]["step"] != 7
    refused = xianjie("parked", "show", *place, "--unmask-for", " ")
    assert (refused.exit_code, "Give a reason" in refused.output) == (1, True)
    whole = json.loads(xianjie("parked", "show", *place, "--unmask-for", "排查 4711").output)
    assert whole["data"] == {"household": subject, "step": 7}
    with psycopg.connect(told.platform.run.databases["assets"].backup_url) as connection:
        audited = connection.execute("SELECT reason FROM audit_entry WHERE action = 'event.unmask'").fetchall()
    assert audited == [("排查 4711",)]
    assert xianjie("parked", "drop", *place, "--reason", "试验").exit_code == 0
    assert xianjie("parked", "show", *place).exit_code == 1


def test_the_households_that_are_there_already_are_imported_unchanged(told, xianjie):
    done = xianjie("import", told.folder / "households.ndjson")
    assert done.exit_code == 0, done.output
    assert f"households {told.county.size}" in done.output
    assert f"unchanged {told.county.size}" in done.output


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--mode", "validate"], "Judged, nothing written"),
        (["--atomic", "all"], "The file was refused: Some rows are wrong"),
        (["--strategy", "create", "--atomic", "row"], "Done: "),
    ],
)
def test_a_row_that_is_refused_is_told_by_place_and_reason_and_never_by_what_it_holds(
    told, xianjie, tmp_path, options, says
):
    lines = (told.folder / "households.ndjson").read_text("utf-8").splitlines()
    household = json.loads(lines[0])
    household["members"][0]["id_no"] = "610999197608053020"  # its check digit is wrong
    file = tmp_path / "households.ndjson"
    file.write_text("\n".join([json.dumps(household, ensure_ascii=False), lines[1]]) + "\n", "utf-8")
    done = xianjie("import", file, *options)
    assert done.exit_code == 1
    assert says in done.output
    assert "row 1 " in done.output
    assert "All errors: GET /v1/monitoring/jobs/" in done.output
    assert "610999197608053020" not in done.output
    assert household["members"][0]["name"] not in done.output


def test_a_departments_file_is_handed_in_by_its_clerk_once(xianjie, tmp_path):
    file = tmp_path / "self-pay.csv"
    rows = [f"{GOOD},李秀兰,2024-05,21000.00", f"{SPOILT},陈大山,2024-05,300.00"]
    file.write_text("身份证号,姓名,截至月份,本年累计合规自付\n" + "\n".join(rows) + "\n", "utf-8")
    where = ("--dataset", "medical.annual_self_pay", "--period", "2024-05")
    judged = xianjie("import", file, *where, "--mode", "validate")
    done = xianjie("import", file, *where)
    again = xianjie("import", file, *where)
    for result in (judged, done, again):
        assert result.exit_code == 1
        assert "rows received 2, matched 1" in result.output
        assert "identity_digits_lost" in result.output
        assert SPOILT not in result.output
        assert GOOD not in result.output
    assert "Judged, nothing written" in judged.output
    assert "handed in before" not in done.output
    assert "handed in before" in again.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--dataset", "medical.nothing", "--period", "2024-05"), "No dataset medical.nothing; there are: "),
        (("--dataset", "medical.annual_self_pay"), "needs its --period"),
        (("--dataset", "medical.annual_self_pay", "--period", "2024-05", "--atomic", "all"), "are for households"),
        (("--period", "2024-05"), "belongs to a --dataset"),
        (("--as", "stranger"), "There is no user stranger; there are: county-1"),
        (("--as", "clerk-medical"), "The platform refused: POST /households/imports: 403 not_allowed"),
        (("--region", "610998000000"), "no officer of that county"),
    ],
)
def test_what_cannot_be_handed_in_is_a_sentence(told, xianjie, words, says):
    done = xianjie("import", told.folder / "households.ndjson", *words)
    assert done.exit_code == 1
    assert says in done.output


def test_a_screening_is_followed_and_its_hits_told_by_rule(told, xianjie):
    done = xianjie("screen")
    assert done.exit_code == 0, done.output
    assert f"Screened as of {ON}: 27 rules" in done.output
    expected = defaultdict(set)
    for line in (told.folder / "truth" / "hits.ndjson").read_text("utf-8").splitlines():
        hit = json.loads(line)
        expected[hit["rule"]].add(hit["household_id"])
    shown = {
        words[0]: int(words[1])
        for words in map(str.split, done.output.splitlines())
        if words[:1] and words[0][0] == "R" and words[0][1:].isdigit()
    }
    assert {rule: number for rule, number in shown.items() if number} == {
        rule: len(households) for rule, households in expected.items()
    }


def test_a_platform_that_runs_is_at_the_newest_schema(xianjie):
    done = xianjie("migrate")
    assert (done.exit_code, done.output.splitlines()) == (
        0, [f"{program.name}: at the newest schema already." for program in PROGRAMS],
    )  # fmt: skip
    refused = xianjie("migrate", "--service", "monitoring")
    assert refused.exit_code == 1
    assert "needs XIANJIE_MIGRATE_DATABASE_URL" in refused.output


def days_swept(told: Journey, after: date) -> dict[tuple[str, str, int], list[date]]:
    """The days that each sweep of each program has done for each region, in the order in which it did them."""
    asked = "SELECT sweep, region, day FROM sweep_day WHERE day > %s ORDER BY finished_at, day"
    found = defaultdict(list)
    for name, database in told.platform.run.databases.items():
        with psycopg.connect(database.backup_url) as connection:
            for sweep, region, day in connection.execute(asked, [after]).fetchall():
                found[name, sweep, region].append(day)
    return found


def test_the_date_comes_back_when_every_program_has_swept_every_day_passed(told, xianjie):
    moved = xianjie("clock", "set", ON + timedelta(days=40))
    swept = days_swept(told, ON)
    assert moved.exit_code == 0, moved.output
    assert {name for name, _, _ in swept} == {program.name for program in PROGRAMS}
    assert ("monitoring", "screening.schedule", 610999000000) in swept
    assert list(swept.values()) == [[ON + timedelta(days=n) for n in range(1, 41)]] * len(swept)
    assert f"The business date is now {ON + timedelta(days=40)}." in moved.output
    assert xianjie("clock", "show").output == f"{ON + timedelta(days=40)} (set)\n"
    back = xianjie("clock", "set", ON)
    assert back.exit_code == 1
    assert "only moves forward" in back.output
    assert xianjie("clock", "show").output == f"{ON + timedelta(days=40)} (set)\n"


def test_the_date_is_not_set_in_a_mode_that_is_not_for_show(told, xianjie, monkeypatch):
    monkeypatch.setenv("XIANJIE_MODE", "production")
    refused = xianjie("clock", "set", ON + timedelta(days=400))
    assert refused.exit_code == 1
    assert "Mode production follows the machine's date" in refused.output


def test_what_needs_which_key_is_told_and_everything_is_made_anew_once_programs_know_the_new_one(told, xianjie):
    status = xianjie("keys", "status")
    assert status.exit_code == 0, status.output
    assert "monitoring.person.identity_number" in "".join(status.output.split())
    done = xianjie("keys", "reseal", "--service", "monitoring")
    assert done.exit_code == 0, done.output
    assert "monitoring: 0 made anew, 0 still under an old key." in done.output

    ring_file = told.platform.installation.directory / "key-ring.json"
    before = ring_file.read_text("utf-8")
    ring_file.write_text(KeyRing.parse(before).rotated(Purpose.DATA, os.urandom).to_json(), "utf-8")
    try:
        refused = xianjie("keys", "reseal", "--service", "monitoring")
        listed = xianjie("keys", "status", "--service", "monitoring")
    finally:
        ring_file.write_text(before, "utf-8")
    assert refused.exit_code == 1
    assert "restart it with the new one" in " ".join(refused.output.split())
    assert "current" in listed.output
