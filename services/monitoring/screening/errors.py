"""Why a screening did not take place, apart from what runs one: the catalogue of problems names it in every program."""

from __future__ import annotations

from chassis.errors import DomainError, Internal, Message


class ScreeningFailed(Internal):
    code, status = "screening_failed", 500
    title = Message(
        "筛查未能完成，请把任务编号告诉管理员。", "The screening failed; tell the administrator the job's id."
    )


class SnapshotInvalid(DomainError):
    """A snapshot that rules must not run over; ``faults`` names each table and column, never a value."""

    code, status = "snapshot_invalid", 422
    title = Message("筛查快照不符合约定，筛查未执行。", "The snapshot breaks its description; nothing was screened.")
