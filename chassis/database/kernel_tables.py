"""Name every module that declares a kernel table, so that :data:`chassis.database.metadata.kernel` is whole."""

import chassis.audit.tables
import chassis.calendar.tables
import chassis.changes.tables
import chassis.events.tables
import chassis.files.tables
import chassis.idempotency.tables
import chassis.jobs.tables
import chassis.operations.tables
import chassis.parameters.tables  # noqa: F401
