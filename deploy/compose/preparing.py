"""Prepare a deployment: each program's database and roles, its newest schema, and the broker's topics."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

from chassis.bus.kafka.provision import apply
from chassis.bus.topics import topics_of
from chassis.database import migrate
from chassis.database.provision import provision, read_passwords
from chassis.settings import KafkaSettings
from deploy.embedded.installation import PROGRAMS


async def prepare(superuser_url: str, superuser_password: str, passwords: Path) -> Sequence[str]:
    """Make what is missing, and say what was done. It may be repeated, and is at each start.

    :param superuser_url: without its password.
    :param passwords: of the programs' roles, as :func:`~chassis.database.provision.load_or_make_passwords` writes them.
    :raises PostgresFailed: if the passwords cannot be read. :raises BusAway: if the broker does not answer.
    """
    parts = urlsplit(superuser_url)
    user, _, place = parts.netloc.rpartition("@")
    url = parts._replace(netloc=f"{user}:{quote(superuser_password, safe='')}@{place}").geturl()
    kept = read_passwords(passwords)
    said = []
    for program in PROGRAMS:
        database = provision(url, program.name, kept[program.name])
        ran = migrate.upgrade(database.migrate_url, program.migrations, program.tables)
        said.append(f"{program.name}: {', '.join(ran) or 'nothing to do'}")
    declared = topics_of(event for program in PROGRAMS for event in program.events)
    applied = await apply(KafkaSettings(), declared)
    return [*said, f"topics made: {len(applied.made)}; different: {len(applied.differences)}"]
