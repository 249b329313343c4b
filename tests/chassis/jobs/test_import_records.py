"""Records that an import touches count once, whatever schema its first chunks were counted under."""

from __future__ import annotations

from sqlalchemy import MetaData, create_engine, text

from chassis.database import migrate
from chassis.database.engine import driver_url
from chassis.identifiers import new_id
from chassis.jobs.import_model import Fate
from chassis.jobs.import_records import RecordFates
from chassis.testing.programs import COUNTY


def test_of_several_fates_of_a_record_the_highest_counts():
    record, fates = new_id(), RecordFates()
    for fate in (Fate.UNCHANGED, Fate.CREATED, Fate.UPDATED):
        fates.take(record, fate)
    assert fates == {record: Fate.CREATED}


def test_what_an_import_under_way_has_counted_survives_the_change_of_its_table(make_database):
    database = make_database(MetaData())
    engine = create_engine(driver_url(database.migrate_url))
    job, first, second = new_id(), new_id(), new_id()
    try:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO job (id, kind, region, requested_by, assignment, parameters)"
                    " VALUES (:job, 'test', :region, 'test', :job, '{}')"
                ),
                {"job": job, "region": COUNTY},
            )
            connection.execute(
                text(
                    "INSERT INTO import_record (job_id, up_to, fate, region, records)"
                    " VALUES (:job, :up_to, :fate, :r, :x)"
                ),
                [
                    {"job": job, "up_to": 5, "fate": 3, "r": COUNTY, "x": [first]},
                    {"job": job, "up_to": 9, "fate": 1, "r": COUNTY, "x": [first, second]},
                ],
            )
        migrate.downgrade(database.migrate_url, migrate.KERNEL_VERSIONS, MetaData(), to="kernel_0003")
        with engine.connect() as connection:
            kept = connection.execute(text("SELECT record, fate FROM import_record")).all()
        assert {tuple(one) for one in kept} == {(first, 3), (second, 1)}
        migrate.upgrade(database.migrate_url, migrate.KERNEL_VERSIONS, MetaData())
        with engine.connect() as connection:
            kept = connection.execute(text("SELECT fate, records FROM import_record")).all()
        assert {(one.fate, *one.records) for one in kept} == {(3, first), (1, second)}
    finally:
        engine.dispose()
