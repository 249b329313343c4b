"""Set up what programs need that run as processes of their own: a durable PostgreSQL, databases, keys, settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from chassis.database import migrate
from chassis.database.provision import ServiceDatabase, provision
from chassis.database.server import EmbeddedPostgres, remove
from chassis.identifiers import new_id
from chassis.security.keys import KeyRing
from chassis.security.scope import Assignment, Role
from chassis.service import Service
from chassis.testing.database import PASSWORDS
from deploy.embedded.issued_keys import IssuedKeys


@dataclass
class Staged:
    """A PostgreSQL with fsync on, the services' databases in it, and keys, all in one folder."""

    folder: Path
    postgres: EmbeddedPostgres
    databases: Mapping[str, ServiceDatabase]
    keys: IssuedKeys
    key_ring: str

    @property
    def jwks_file(self) -> Path:
        return self.folder / "jwks.json"

    def token(self, role: Role, region: int) -> str:
        """A token of somebody who holds one post."""
        post = Assignment(new_id(), role, region)
        return self.keys.issue("staged", "staged", [post], now=datetime.now(UTC), lifetime=timedelta(hours=8))

    def data_of(self, service: str) -> Path:
        """Where a service's programs keep their files."""
        data = self.folder / service
        data.mkdir(exist_ok=True)
        return data

    def environment_of(self, service: str) -> dict[str, str]:
        """What a process of the service is told, beside its bus."""
        return {
            **os.environ,
            "XIANJIE_MODE": "test",
            "XIANJIE_DATABASE_URL": self.databases[service].app_url,
            "XIANJIE_DATA_DIRECTORY": str(self.data_of(service)),
            "XIANJIE_JWKS_FILE": str(self.jwks_file),
            "XIANJIE_KEY_RING": self.key_ring,
        }


@contextmanager
def staged(*services: Service) -> Iterator[Staged]:
    """Set up for ``services`` in a folder of its own, and clear it away."""
    with TemporaryDirectory(prefix="xj-staged-") as name:
        folder = Path(name)
        data = folder / "postgresql"
        try:
            with EmbeddedPostgres.start(data) as postgres:
                databases = {service.name: _made(postgres, service) for service in services}
                keys = IssuedKeys.load_or_create(folder)
                made = Staged(folder, postgres, databases, keys, KeyRing.generate(os.urandom).to_json())
                made.jwks_file.write_text(json.dumps(keys.jwks()), "utf-8")
                yield made
        finally:
            remove(data)


def _made(postgres: EmbeddedPostgres, service: Service) -> ServiceDatabase:
    database = provision(postgres.superuser_url(), service.name, PASSWORDS)
    migrate.upgrade(database.migrate_url, service.migrations, service.tables)
    return database
