"""Where each kind of to-do is done, below the service's own path; a test holds every path against the routes."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from services.monitoring.codes.todo import TodoKind as K

PATHS: Final = {
    K.CLUE: "/clues/{subject}/dispatch",
    K.CASE_REDISPATCH: "/cases/{subject}/redispatch",
    K.CASE_VERIFY: "/cases/{subject}/verifications",
    K.CASE_SECOND: "/cases/{subject}/second",
    K.CASE_COMPARE: "/cases/compare",
    K.CASE_REVIEW: "/case-meetings",
    K.CASE_PUBLISH: "/public-lists",
    K.CASE_PASS: "/cases/{subject}",
    K.CASE_OBJECTION: "/cases/{subject}/settle-objection",
    K.CASE_TOWN: "/cases/town-decisions",
    K.CASE_COUNTY: "/cases/county-decisions",
    K.CASE_RESUME: "/cases/{subject}/resume",
    K.CASE_REGISTER: "/cases/{subject}/register",
    K.CASE_ELIMINATION: "/cases/{subject}",
    K.HELP_PLAN: "/cases/{subject}/help",
    K.COMPARISON: "/comparison-requests/{subject}/answer",
    K.INTERVIEW: "/interviews/{subject}/countersign",
    K.SELF_REPORT: "/self-reports/{subject}/match",
    K.TRANSFER: "/transfers/{subject}/accept",
    K.CLASH: "/clash-tasks/{subject}/settle",
    K.CONSENT: "/households/{household}/consents",
    K.MEASURE: "/households/{household}/measures",
    K.REGISTER_FINDING: "/register-findings",
    K.ENTITLEMENT: "/entitlements/{subject}/explain",
    K.FINDING: "/findings/{subject}/settle",
    K.VISIT: "/visits",
    K.YEARLY_UPDATE: "/households/{household}/income-statements",
}
"""Lists of cases are decided in one call, so they have one path; a list that hangs is named by its case."""


def path_of(kind: str, subject: UUID, household: UUID | None) -> str:
    """Where this to-do is done."""
    return PATHS[K(kind)].format(subject=subject, household=household)
