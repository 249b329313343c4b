"""The sample county goes in over the public API, and what comes of it is exactly what its truth says; who is registered
is known to every other service, and again after a replay by the operator."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from chassis.testing.eventually import eventually
from deploy.sample.county import ROUND
from tests.journeys.platforms import Journey, journey, pages, screened, xianjie

pytestmark = pytest.mark.budget(180)
RECEIVERS = ("assets", "employment", "funds")
_COUNTS = "SELECT (SELECT count(*) FROM {household}), (SELECT count(*) FROM {person})"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    with journey(tmp_path_factory.mktemp("platform"), ROUND + 3) as made:
        yield made


async def test_every_row_of_every_file_has_the_fate_that_the_truth_says(told: Journey):
    listed = json.loads((told.folder / "submissions.json").read_text("utf-8"))
    truth = {(row["file"], row["row"]): (row["fate"], row["code"], row["person_id"]) for row in truth_of(told, "rows")}
    expected, found = {}, {}
    async with told.doors() as doors:
        county = await doors.of("county-1")
        for entry, batch in zip(listed, told.batches, strict=True):
            if entry["outcome"] != "read":
                continue
            expected |= {key: value for key, value in truth.items() if key[0] == entry["file"]}
            for row in await pages(county, f"/submissions/{batch['id']}/rows"):
                code = row["reasons"][0]["code"] if row["reasons"] else None
                found[entry["file"], row["row_number"]] = (row["fate"], code, row["person_id"])
    assert differences(expected, found) == []


async def test_the_counts_of_each_file_add_up_and_are_the_truth(told: Journey):
    listed = json.loads((told.folder / "submissions.json").read_text("utf-8"))
    fates = ("rejected", "duplicate", "late", "outside", "unmatched", "matched")
    for entry, batch in zip(listed, told.batches, strict=True):
        if entry["outcome"] == "wrong_period":
            assert (batch["state"], batch["refusal"]["code"]) == ("refused", "wrong_period")
            continue
        counts = {fate: batch["counts"][fate] for fate in fates if batch["counts"][fate]}
        assert counts == entry["counts"], entry["file"]
        assert sum(counts.values()) == batch["counts"]["received"]
        assert batch["repeated"] is (entry["outcome"] == "same_file")


async def test_exactly_the_clues_of_the_truth_are_raised(told: Journey):
    households = {str(household.id): household for household in told.county.households()}
    expected = Counter((hit["rule"], hit["household_id"], hit["person_id"]) for hit in truth_of(told, "hits"))
    found: Counter[tuple[str, str, str | None]] = Counter()
    async with told.doors() as doors:
        county = await doors.of("county-1")
        run = await screened(county)
        assert run["state"] == "succeeded", run["error_code"]
        for clue in await pages(county, "/clues"):
            read = (await county.get(f"/clues/{clue['id']}")).json()
            for hit in read["hits"]:
                found[hit["rule"]["id"], clue["household_id"], hit["person_id"]] += 1
    missed = [f"missed: {rule} for household {households[h].index}" for rule, h, _ in set(expected) - set(found)]
    extra = [f"extra: {rule} for household {households[h].index}" for rule, h, _ in set(found) - set(expected)]
    assert sorted(missed + extra) == []


async def test_what_nearly_fires_is_silent(told: Journey):
    silent = {
        (entry["rule"], entry["household_id"], entry["person_id"]): entry["why"] for entry in truth_of(told, "silent")
    }
    assert len({rule for rule, _, _ in silent}) == 27
    async with told.doors() as doors:
        county = await doors.of("county-1")
        await screened(county)
        found = set()
        for clue in await pages(county, "/clues"):
            hits = (await county.get(f"/clues/{clue['id']}")).json()["hits"]
            found |= {(hit["rule"]["id"], clue["household_id"], hit["person_id"]) for hit in hits}
    assert [f"{rule} although {silent[rule, *rest]}" for rule, *rest in found & silent.keys()] == []


async def test_no_work_failed_but_that_on_the_file_of_a_wrong_period(told: Journey):
    jobs = "SELECT kind, state, error_code FROM job WHERE state <> 'succeeded'"
    with psycopg.connect(told.platform.run.databases["monitoring"].backup_url, autocommit=True) as connection:
        # In one question: the next periodic job may be asked for at any moment.
        only = [("datasets.read", "failed", "wrong_period")]
        await eventually(lambda: connection.execute(jobs).fetchall() == only, within_seconds=60)


async def test_household_a_has_its_income_to_the_fen_and_its_line(told: Journey):
    a = next(told.county.households())
    async with told.doors() as doors:
        county = await doors.of("county-1")
        income = (await county.get(f"/households/{a.id}/income", params={"window": "entry", "on": "2024-06-03"})).json()
        line = (await county.get("/lines/effective", params={"on": "2024-06-03"})).json()
    assert (income["net"], income["ref"], income["members"]) == ("40000.00", "20000.00", 5)
    assert (income["pc_net"]["rounded"], income["pc_ref"]["rounded"]) == ("8000.00", "4000.00")
    assert (line["line"], line["base_line"], line["rule_60"]) == ("7920.00", "7500.00", "register")


def truth_of(told: Journey, name: str) -> Iterable[dict[str, Any]]:
    path: Path = told.folder / "truth" / f"{name}.ndjson"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def differences(expected: dict[Any, Any], found: dict[Any, Any]) -> list[str]:
    """What a person reads when truth and platform differ: a line for each row."""
    keys = sorted(expected.keys() | found.keys())
    return [
        f"{key[0]} row {key[1]}: expected {expected.get(key)}, found {found.get(key)}"
        for key in keys
        if expected.get(key) != found.get(key)
    ]


def counted(told: Journey, service: str, household: str, person: str) -> tuple[int, ...]:
    """Households and persons in a service's database, over the whole country."""
    with psycopg.connect(told.platform.run.databases[service].backup_url) as connection:
        row = connection.execute(_COUNTS.format(household=household, person=person)).fetchone()
    assert row is not None
    return tuple(row)


async def knows_everybody(told: Journey, service: str, registered: tuple[int, ...]) -> None:
    async def same() -> bool:
        return await asyncio.to_thread(counted, told, service, "known_household", "known_person") == registered

    await eventually(same, within_seconds=60)


async def test_the_sample_countys_people_are_known_to_every_service(told: Journey):
    registered = counted(told, "monitoring", "household", "person")
    assert min(registered) >= 60
    for service in RECEIVERS:
        await knows_everybody(told, service, registered)


async def test_a_replay_by_the_operator_builds_one_services_people_anew(told: Journey):
    registered = counted(told, "monitoring", "household", "person")
    for service in RECEIVERS:
        await knows_everybody(told, service, registered)
    done = await asyncio.to_thread(xianjie, told.platform.installation, "replay", "--consumer", "assets.people")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "events will be delivered again" in done.stdout
    await knows_everybody(told, "assets", registered)
    assert counted(told, "funds", "known_household", "known_person") == registered, "others forgot nothing"


def test_an_unknown_consumer_is_answered_with_those_there_are(told: Journey):
    done = xianjie(told.platform.installation, "replay", "--consumer", "assets")
    assert done.returncode == 1
    assert "assets.people" in done.stderr
