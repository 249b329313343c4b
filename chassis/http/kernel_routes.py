"""The routes that every service has: audit, changes, parameters, calendar, jobs and their errors, files, operations."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from chassis.audit.routes import audit_router
from chassis.calendar.routes import calendar_router
from chassis.changes.routes import changes_router
from chassis.files.routes import files_router
from chassis.jobs.import_routes import import_errors_router
from chassis.jobs.routes import jobs_router
from chassis.jobs.sweeps import SWEEPS
from chassis.keys.resealing import RESEAL
from chassis.operations.routes import operations_router
from chassis.parameters.routes import parameters_router
from chassis.security.scope import FIELD, OFFICERS, Permission, Role
from chassis.service import Service

JOB_READ: Final = Permission("job.read", OFFICERS | FIELD | {Role.DEPARTMENT_CLERK, Role.AUDITOR})
JOB_CANCEL: Final = Permission("job.cancel", frozenset({Role.COUNTY_OFFICER, Role.DEPARTMENT_CLERK}))
FILE_READ: Final = Permission("file.read", frozenset({Role.COUNTY_OFFICER}))
"""Raw files hold whole numbers, and do not tell whose they are: neither higher levels nor departments' clerks."""


def kernel_routers(service: Service) -> list[APIRouter]:
    """The kernel's routers for one service."""
    name = service.name
    routers = [
        audit_router(name),
        calendar_router(name),
        jobs_router(name, JOB_READ, JOB_CANCEL, kinds=_job_kinds(service)),
        import_errors_router(name, JOB_READ),
        files_router(name, FILE_READ),
    ]
    if service.change_kinds:
        routers.append(changes_router(name, kinds=service.change_kinds))
    if service.operations:
        routers.append(operations_router(name, service.operations))
    if service.parameters is not None:
        routers.append(parameters_router(name, service.parameters))
    return routers


def _job_kinds(service: Service) -> list[str]:
    """The names of all that its worker runs: its own work, what time asks for, and the platform's."""
    timed = (one.kind for one in service.periodic)
    return [*(kind.name for kind in (*service.jobs, *timed)), RESEAL, SWEEPS]
