"""Open what a program needs while it runs, the same for an API and a worker, and close it in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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

_COUNTRY_CAPITAL = 110000000000
"""A program's actor needs some division; what it may reach is its area, which is given beside it."""


def store_of(service: Service, program: Program) -> SealedStore:
    """Where the files of a service lie, under the program's keys."""
    folder = program.settings.files_url or str(program.settings.data_directory / "files" / service.name)
    return SealedStore(open_objects(folder), program.vault.encryptor)


@asynccontextmanager
async def opened(service: Service, program: Program) -> AsyncIterator[None]:
    """Hang files, exports, parameters and the service's own extras on ``program``; close it at the end.

    The defaults of new parameters are seeded here, once, whoever starts first.
    """
    catalogue = service.parameters or Catalogue(())
    program.extras[Files] = Files(store_of(service, program))
    program.extras[ParameterReader] = ParameterReader(catalogue)
    exports = program.extras[Exports] = Exports(program)
    actor = scope.program("parameter-seeding", _COUNTRY_CAPITAL)
    async with program.unit(actor, area=Area.everywhere()) as unit:
        await seed_parameters(unit, catalogue)
    for start in service.on_start:
        await start(program)
    try:
        yield
    finally:
        await exports.close()
        await program.close()
