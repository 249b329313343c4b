"""Take in a department's file, once, and ask for it to be read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text

from chassis.database.metadata import rows
from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Language, Message, NotFound
from chassis.files.files import Received, StoredFile, hold
from chassis.identifiers import new_id
from chassis.jobs.definition import defer
from chassis.jobs.import_model import ImportMode
from chassis.records import Aggregate
from chassis.security.scope import Level, level_of
from services.monitoring.datasets.contracts import contract_for
from services.monitoring.datasets.contracts.contract import Contract
from services.monitoring.datasets.errors import CountyMissing
from services.monitoring.datasets.keys import file_digests
from services.monitoring.datasets.queries.submissions import require_department, show_submission
from services.monitoring.datasets.reading.job import HOLDER, READ_FILE, ReadParameters
from services.monitoring.datasets.rules.periods import read_period
from services.monitoring.datasets.schemas import SubmitQuery, Submitted
from services.monitoring.datasets.tables import ColumnMapping, DepartmentPeriod, Submission
from services.monitoring.parameters import keep_days

Keep = Callable[[int, int], Awaitable[StoredFile]]
"""Keeps what was received: takes the county and the days; gives the file."""

_SUBMISSION: Final = rows(Submission)
_MAPPING: Final = rows(ColumnMapping)
_PERIOD: Final = rows(DepartmentPeriod)
_OTHERWISE: Final = text(
    """
    SELECT EXISTS (
        SELECT FROM submission_row AS said JOIN department_record AS record ON record.id = said.record_id
        WHERE said.submission_id = :id AND said.region = :county AND said.is_current AND record.state = 'superseded'
    ) OR EXISTS (
        SELECT FROM submission AS later
        WHERE later.region = :county AND later.period = :period AND later.dataset = :dataset
          AND later.state IN ('received', 'reading') AND later.id > :id
    )
    """
)
_NO_MAPPING: Final = Message("没有这个列对应关系。", "There is no such saved mapping for this dataset.")


@dataclass(frozen=True)
class _Asked:
    """A file that may be taken: as what, for whom."""

    contract: Contract
    county: int
    period: str
    mapping_id: UUID | None
    mapping_only: bool
    is_late: bool


async def submit_file(
    unit: UnitOfWork, code: str, query: SubmitQuery, received: Received, keep: Keep, *, language: Language
) -> Submitted:
    """Make a batch of the file and defer its reading; the same file again is answered with its batch.

    Unless its department said otherwise since: whoever goes back to an earlier file revises what came between
    (clause B11: the same key with other content is no duplicate).

    :raises NotFound: for an unknown dataset, or one of another department than the clerk's.
    :raises PeriodUnfit: if the period is not written as the contract asks for.
    :raises CountyMissing: if the post is not of one county and none is named.
    """
    asked = await _asked(unit, code, query)
    digests = file_digests(unit.vault, received.sha256, county=asked.county)
    if query.mode is ImportMode.COMMIT:
        earlier = await _earlier(unit, asked, digests)
        while earlier is not None and await _said_otherwise(unit, earlier):
            digests = file_digests(unit.vault, received.sha256, county=asked.county, after=earlier.id)
            earlier = await _earlier(unit, asked, digests)
        if earlier is not None:
            shown = show_submission(earlier, language=language)
            return Submitted(job_id=earlier.job_id, submission=shown, repeated=True)
    file = await keep(asked.county, await keep_days(unit, asked.county))
    submission_id = new_id() if query.mode is ImportMode.COMMIT else None
    job_id = await defer(unit, READ_FILE, _parameters(unit, asked, file, submission_id), asked.county)
    if submission_id is None:
        return Submitted(job_id=job_id)
    await hold(unit, file, holder=HOLDER, holder_id=submission_id)
    row = await _insert(unit, asked, file, digests[0], submission_id, job_id)
    unit.record(
        "submission.receive",
        Aggregate("submission", row.id, row.region, row.version),
        fields=["dataset", "file", "period", "state"],
    )
    return Submitted(job_id=job_id, submission=show_submission(row, language=language))


def county_of(unit: UnitOfWork, region: int | None) -> int:
    """The county that a file, a period or a mapping is for.

    :raises CountyMissing: if the post is not of one county and none is named.
    :raises NotFound: if the named one lies outside the actor's area.
    """
    county = unit.actor.assignment.region if region is None else region
    if level_of(county) is not Level.COUNTY:
        raise CountyMissing(faults=[Fault("?region", "county", CountyMissing.title)])
    if not unit.area.contains(county):
        raise NotFound
    return county


async def is_late(unit: UnitOfWork, county: int, dataset: str, period: str) -> bool:
    """Whether what comes in today for a period comes after it closed."""
    found = await unit.connection.execute(
        select(_PERIOD.c.closes_on, _PERIOD.c.closed_at).where(
            _PERIOD.c.region == county, _PERIOD.c.dataset == dataset, _PERIOD.c.period == period
        )
    )
    row = found.one_or_none()
    return row is not None and (row.closed_at is not None or row.closes_on < unit.clock.today())


async def _asked(unit: UnitOfWork, code: str, query: SubmitQuery) -> _Asked:
    contract = contract_for(code, on=unit.clock.today())
    require_department(unit, contract.department)
    county = county_of(unit, query.region)
    period = read_period(query.period, contract.period).text
    statement = select(_MAPPING.c.id).where(_MAPPING.c.region == county, _MAPPING.c.dataset == code)
    if query.mapping is not None:
        statement = statement.where(_MAPPING.c.id == query.mapping)
    mapping_id = await unit.connection.scalar(statement)
    if query.mapping is not None and mapping_id is None:
        raise InvalidInput(faults=[Fault("?mapping", "unknown_mapping", _NO_MAPPING)])
    late = await is_late(unit, county, code, period)
    return _Asked(contract, county, period, mapping_id, query.mapping is not None, late)


async def _earlier(unit: UnitOfWork, asked: _Asked, digests: list[bytes]) -> Any:
    found = await unit.connection.execute(
        select(_SUBMISSION)
        .where(
            _SUBMISSION.c.region == asked.county,
            _SUBMISSION.c.dataset == asked.contract.code,
            _SUBMISSION.c.period == asked.period,
            _SUBMISSION.c.file_digest.in_(digests),
            _SUBMISSION.c.state.not_in(("refused", "withdrawn")),
        )
        .order_by(_SUBMISSION.c.id)
        .limit(1)
    )
    return found.one_or_none()


async def _said_otherwise(unit: UnitOfWork, batch: Any) -> bool:
    """Whether a later batch revised what this one says, or may still do so: it waits to be read."""
    bound = {"id": batch.id, "county": batch.region, "dataset": batch.dataset, "period": batch.period}
    return bool(await unit.connection.scalar(_OTHERWISE, bound))


def _parameters(unit: UnitOfWork, asked: _Asked, file: StoredFile, submission_id: UUID | None) -> ReadParameters:
    return ReadParameters(
        file_id=file.id,
        dataset=asked.contract.code,
        contract_version=asked.contract.version,
        period=asked.period,
        received_on=unit.clock.today(),
        is_late=asked.is_late,
        mapping_id=asked.mapping_id,
        mapping_only=asked.mapping_only,
        submission_id=submission_id,
    )


async def _insert(
    unit: UnitOfWork, asked: _Asked, file: StoredFile, digest: bytes, submission_id: UUID, job_id: UUID
) -> Any:
    code = asked.contract.code
    result = await unit.connection.execute(
        insert(_SUBMISSION)
        .values(
            id=submission_id,
            region=asked.county,
            department=asked.contract.department,
            dataset=code,
            contract_version=asked.contract.version,
            period=asked.period,
            file_id=file.id,
            file_digest=digest,
            # The sender's own name for the file may name people; it is kept with the file, encrypted.
            file_name=f"{code}-{asked.period}.{file.media.extension}",
            mapping_id=asked.mapping_id,
            submitted_by=unit.actor.subject,
            job_id=job_id,
            received_at=unit.clock.system_now(),
            received_on=unit.clock.today(),
            is_late=asked.is_late,
            state="received",
            attempts=1,
            rows_received=0,
            counts={},
            version=1,
        )
        .returning(_SUBMISSION)
    )
    return result.one()
