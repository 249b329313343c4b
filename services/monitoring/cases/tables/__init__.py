"""Cases, each step of their history, what was verified, voted on, shown in the village, objected to and told.

Rows about one case follow its household when that is managed elsewhere; a meeting and a public list belong to their
village, and follow once all of their cases have.
"""

from services.monitoring.cases.tables.cases import OPEN_SQL, CaseStep, MonitoringCase
from services.monitoring.cases.tables.course import CaseCourse
from services.monitoring.cases.tables.evidence import (
    CaseMeeting,
    CaseNotice,
    CaseSignature,
    CaseVerification,
    CaseVote,
)
from services.monitoring.cases.tables.publicity import CaseObjection, PublicList, PublicListLine

__all__ = [
    "OPEN_SQL",
    "CaseCourse",
    "CaseMeeting",
    "CaseNotice",
    "CaseObjection",
    "CaseSignature",
    "CaseStep",
    "CaseVerification",
    "CaseVote",
    "MonitoringCase",
    "PublicList",
    "PublicListLine",
]
