"""A run is closed, resumable, sends out complete hits, and refuses a snapshot that breaks its description."""

from __future__ import annotations

import json
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from services.monitoring.screening.catalogue import CatalogueInvalid
from services.monitoring.screening.engine import Limits, Screening, run
from services.monitoring.screening.hits import HITS
from services.monitoring.screening.intake import SnapshotInvalid
from services.monitoring.screening.snapshot import TABLES
from tests.services.monitoring.screening.hits import collected

TODAY = date(2024, 6, 3)


def stays(county, households=6):
    for number in range(households):
        person = county.one(f"household {number}", is_lifted=True)
        county.record("record_stay", person, stay_self_pay_fen=2_000_000)
        county.record("record_self_pay", person, self_pay_fen=2_000_000)
    for number, row in enumerate(county._rows["households"]):
        row["region"] += number
    return county.snapshot()


def test_a_hit_carries_version_subject_record_year_and_inputs(county, catalogue, numbers):
    person = county.one("one", is_monitored=True)
    record = county.record("record_stay", person, date(2023, 12, 31), stay_self_pay_fen=700_000)
    (batch,) = run(county.snapshot(), catalogue.rules, numbers, TODAY)
    assert batch.schema == HITS
    (hit,) = batch.to_pylist()
    assert (hit["rule_id"], hit["rule_version"], hit["region"]) == ("R03", 1, 610999101203)
    assert (hit["person_id"], hit["record_id"], hit["source_records"]) == (str(person), str(record), [str(record)])
    assert (hit["fact_year"], hit["growing_value"]) == (2023, 700_000)
    assert json.loads(hit["inputs"]) == {
        "is_monitored": True, "stay_self_pay_fen": 700_000, "event_months_ago": 6
    }  # fmt: skip


def test_steps_give_each_hit_once_and_a_repeated_step_the_same_hits(county, catalogue, numbers):
    snapshot = stays(county)
    whole = collected(run(snapshot, catalogue.rules, numbers, TODAY))
    assert len(whole) == 12
    with Screening(snapshot, catalogue.rules, numbers, TODAY) as screening:
        steps = screening.steps
        parts = [collected(screening.execute(step)) for step in steps]
        assert collected(screening.execute(steps[-1])) == parts[-1]
    assert sorted(hit for part in parts for hit in part) == whole
    with Screening(snapshot, catalogue.rules, numbers, TODAY) as again:
        assert again.steps == steps
        assert collected(again.execute("record_stay")) == parts[steps.index("record_stay")]


def test_kept_hits_come_out_by_household_each_once_and_whole(county, catalogue, numbers):
    snapshot = stays(county)
    with Screening(snapshot, catalogue.rules, numbers, TODAY) as screening:
        for step in screening.steps:
            screening.keep(step)
        households = screening.households()
        pages = [screening.copy_text(one, one) for one in households]
        assert screening.copy_text(households[0], households[-1]).count("\n") == 12
    assert households == sorted(set(households))
    kept = [line.split("\t") for page in pages for line in page.splitlines()]
    told = [hit for batch in run(snapshot, catalogue.rules, numbers, TODAY) for hit in batch.to_pylist()]
    assert sorted((rule, household, person, sources.strip("{}"), year, value, json.loads(inputs) == {})
                  for rule, household, person, _, sources, year, value, inputs in kept) == sorted(
        (hit["rule_id"], hit["household_id"], hit["person_id"], ",".join(hit["source_records"]),
         str(hit["fact_year"]), str(hit["growing_value"]), False) for hit in told)  # fmt: skip


def test_parquet_files_and_tables_give_the_same_hits(county, catalogue, numbers, tmp_path):
    snapshot = stays(county)
    files = {}
    for name, table in snapshot.items():
        files[name] = tmp_path / f"it's {name}.parquet"
        pq.write_table(table, files[name])
    assert collected(run(files, catalogue.rules, numbers, TODAY)) == collected(
        run(snapshot, catalogue.rules, numbers, TODAY)
    )


def test_an_open_run_reaches_no_file_no_extension_and_no_setting(county, catalogue, numbers, tmp_path):
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with Screening(stays(county), catalogue.rules, numbers, TODAY, folder=tmp_path) as screening:
        for statement in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"COPY persons TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/other.db'",
            "INSTALL httpfs",
            "LOAD httpfs",
            "SET enable_external_access = true",
            "SET memory_limit = '100GB'",
        ):
            with pytest.raises(duckdb.Error):
                screening._connection.execute(statement)
    assert {path.name for path in tmp_path.iterdir()} == {"secret.csv"}


def test_the_private_folder_goes_even_if_the_snapshot_is_refused(county, catalogue, numbers, tmp_path):
    person = county.one("one")
    county.record("record_stay", person, stay_self_pay_fen=-1)
    county._rows["persons"].append(dict(county._rows["persons"][0]))
    county.record("record_house", person, house_ref=1, house_grade="E", is_only_house=True)
    county.record("record_self_pay", person, self_pay_fen=10**12 + 1)
    with (
        pytest.raises(SnapshotInvalid) as refused,
        Screening(county.snapshot(), catalogue.rules, numbers, TODAY, folder=tmp_path),
    ):
        pass
    assert {(fault.pointer, fault.code) for fault in refused.value.faults} == {
        ("/persons/person_id", "repeated"),
        ("/record_house/house_grade", "values"),
        ("/record_self_pay/self_pay_fen", "values"),
    }
    assert list(tmp_path.iterdir()) == []


def test_names_of_persons_have_no_place_in_a_snapshot(county, catalogue, numbers):
    snapshot = stays(county)
    persons = snapshot["persons"]
    snapshot["persons"] = persons.append_column("name", pa.array(["陈大山"] * persons.num_rows))
    snapshot["households"] = snapshot["households"].drop_columns(["line_fen"])
    snapshot["record_stay"] = snapshot["record_stay"].set_column(
        3, "stay_self_pay_fen", pa.array([1.5] * snapshot["record_stay"].num_rows)
    )
    snapshot["accounts"] = persons
    with pytest.raises(SnapshotInvalid) as refused:
        list(run(snapshot, catalogue.rules, numbers, TODAY))
    assert {(fault.pointer, fault.code) for fault in refused.value.faults} == {
        ("/accounts", "unknown_table"),
        ("/persons/name", "extra_column"),
        ("/households/line_fen", "missing_column"),
        ("/record_stay/stay_self_pay_fen", "column_type"),
    }


def test_one_refused_rule_stops_the_whole_run(county, catalogue, numbers):
    without = {key: value for key, value in numbers.items() if key != "farm_loss_min_fen"}
    with pytest.raises(CatalogueInvalid) as refused:
        list(run(stays(county), catalogue.rules, without, TODAY))
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == [("/rules/R19", "unbound_parameter")]


def test_an_empty_snapshot_has_no_hits(catalogue, numbers):
    empty = {name: schema.empty_table() for name, schema in TABLES.items()}
    assert list(run(empty, catalogue.rules, numbers, TODAY, limits=Limits(memory_mib=128, threads=1))) == []


def test_a_closed_run_executes_nothing(county, catalogue, numbers):
    screening = Screening(stays(county), catalogue.rules, numbers, TODAY)
    with pytest.raises(RuntimeError, match="not open"):
        next(screening.execute(screening.steps[0]))
