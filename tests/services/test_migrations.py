"""Migrations of every service go up, down and up again, and say exactly what the models say."""

from __future__ import annotations

import pytest
from deploy.embedded.services import SERVICES

from chassis.database import migrate
from services.monitoring.app import SERVICE as MONITORING


@pytest.mark.parametrize(
    "service", [each for each in SERVICES if each is not MONITORING], ids=lambda service: service.name
)
def test_the_schema_is_what_the_models_say_also_after_down_and_up(make_database, service):
    database = make_database(service.tables, versions=service.migrations, name=service.name)
    assert migrate.differences(database.migrate_url, service.tables) == []
    migrate.downgrade(database.migrate_url, service.migrations, service.tables)
    migrate.upgrade(database.migrate_url, service.migrations, service.tables)
    assert migrate.differences(database.migrate_url, service.tables) == []
