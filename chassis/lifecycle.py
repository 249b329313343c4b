"""Open what a program needs while it runs, the same for an API and a worker, and close it in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog

from chassis.database.engine import is_outage
from chassis.exports.stream import Exports
from chassis.files.files import Files
from chassis.files.sealed_store import SealedStore, open_objects
from chassis.parameters.catalogue import Catalogue
from chassis.parameters.reader import ParameterReader
from chassis.parameters.seeding import seed_parameters
from chassis.program import Program
from chassis.security import scope
from chassis.security.scope import Area
from chassis.service import Service

DATABASE_SECONDS_MAX: Final = 60.0
"""How long a start waits for its database; after that its supervisor decides."""

_POLL_SECONDS: Final = 0.5
_COUNTRY_CAPITAL: Final = 110000000000
"""A program's actor needs some division; what it may reach is its area, which is given beside it."""

log = structlog.get_logger(__name__)


def store_of(service: Service, program: Program) -> SealedStore:
    """Where the files of a service lie, under the program's keys."""
    folder = program.settings.files_url or str(program.settings.data_directory / "files" / service.name)
    return SealedStore(open_objects(folder), program.vault.encryptor)


@asynccontextmanager
async def opened(service: Service, program: Program) -> AsyncIterator[None]:
    """Hang files, exports, parameters and the service's own extras on ``program``; close it at the end.

    The defaults of new parameters are seeded here, once, whoever starts first. A database that is away is waited for:
    where everything starts at once, it is ready after some of its programs.

    :raises Exception: what the database said, if it is still away after ``DATABASE_SECONDS_MAX``.
    """
    catalogue = service.parameters or Catalogue(())
    program.extras[Files] = Files(store_of(service, program))
    program.extras[ParameterReader] = ParameterReader(catalogue)
    exports = program.extras[Exports] = Exports(program)
    try:
        await _patiently(lambda: _seeded(service, program, catalogue), program)
        yield
    finally:
        await exports.close()
        await program.close()


async def _seeded(service: Service, program: Program, catalogue: Catalogue) -> None:
    actor = scope.program("parameter-seeding", _COUNTRY_CAPITAL)
    async with program.unit(actor, area=Area.everywhere()) as unit:
        await seed_parameters(unit, catalogue)
    for start in service.on_start:
        await start(program)


async def _patiently(begin: Callable[[], Awaitable[None]], program: Program) -> None:
    until = time.monotonic() + DATABASE_SECONDS_MAX
    while True:
        try:
            return await begin()
        except Exception as error:
            if not is_outage(error) or time.monotonic() > until:
                raise
            log.warning("start.waits_for_database", program=program.name, reason=type(error).__name__)
        await asyncio.sleep(_POLL_SECONDS)
