"""Say what an import is asked to do, what becomes of its rows, and what a service brings to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from pydantic import Field

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Conflict, Message, TooLarge
from chassis.tabular import CellFault, Column, HeaderSpec
from chassis.types import Code, Model


class ImportMode(StrEnum):
    """Whether rows are applied, or only judged."""

    COMMIT = "commit"
    VALIDATE = "validate"


class ImportStrategy(StrEnum):
    """What an import may do with a record."""

    CREATE = "create"
    UPDATE = "update"
    CREATE_AND_UPDATE = "create_and_update"


class Atomic(StrEnum):
    """Whether one refused row refuses them all."""

    ALL = "all"
    ROW = "row"


class Fate(StrEnum):
    """What became of a record; of several rows about one record the first in this order counts."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    IGNORED = "ignored"

    @property
    def rank(self) -> int:
        return RANKS.index(self)


RANKS: Final = (Fate.IGNORED, Fate.UNCHANGED, Fate.UPDATED, Fate.CREATED)


class ImportParameters(Model):
    """What to import and how.

    :param options: codes for the sink, such as the period; no personal data.
    """

    file_id: UUID
    mode: ImportMode = ImportMode.COMMIT
    strategy: ImportStrategy = ImportStrategy.CREATE_AND_UPDATE
    atomic: Atomic = Atomic.ROW
    options: dict[Code, Code] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row without faults of form; ``number`` as its sender counts, ``values`` by column name."""

    number: int
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row.

    :param record: the record that it is about, if that is known; a row without one counts for itself.
    :param faults: why the row was refused; then ``fate`` is ignored.
    """

    fate: Fate
    record: UUID | None = None
    faults: Sequence[CellFault] = ()

    def __post_init__(self) -> None:
        if self.faults and self.fate is not Fate.IGNORED:
            raise ValueError("a refused row is ignored")


class RowSink(Protocol):
    """A service's side of an import; made anew for each run.

    ``columns`` describe the file, ``header`` how its heading is found. ``apply`` judges and writes the rows of a chunk
    in the unit's transaction with set-based statements and gives one outcome a row, in their order. Refused rows are
    outcomes, not exceptions. In validate mode it does the same; the transaction is rolled back afterwards.
    """

    @property
    def columns(self) -> Sequence[Column]: ...

    @property
    def header(self) -> HeaderSpec: ...

    async def apply(
        self, unit: UnitOfWork, chunk: Sequence[ImportRow], *, mode: ImportMode, strategy: ImportStrategy
    ) -> Sequence[Outcome]: ...


class ImportRefused(Conflict):
    code, status = "import_refused", 409
    title = Message(
        "文件中有错误的行，整个文件未导入；请按错误清单修改后重新提交。",
        "Some rows are wrong, so nothing was imported; correct what the list of errors names and send the file again.",
    )


class TooManyForOne(TooLarge):
    code, status = "too_many_rows_for_one_transaction", 413
    title = Message(
        "行数过多，不能整体校验或整体导入；请拆分文件，或选择 mode=commit、atomic=row。",
        "The file has too many rows to be judged or imported as a whole; split it, or use mode=commit and atomic=row.",
    )
