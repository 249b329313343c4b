"""What the jobs of screening are told."""

from __future__ import annotations

from uuid import UUID

from chassis.types import Model


class ScreeningParameters(Model):
    """Which run to do; everything else stands in its row."""

    run_id: UUID


class TrialParameters(Model):
    """Which trial to do; everything else stands in its row."""

    trial_id: UUID
