"""What monitoring takes files for that come in parts: the same as come in one request."""

from __future__ import annotations

from typing import Final

from chassis.files.media import EVIDENCE, TABLES
from chassis.files.routes import uploads_router
from chassis.files.uses import UploadUse
from services.monitoring import permissions as may
from services.monitoring.consents.actions.record import SHEET_BYTES_MAX, SHEET_PURPOSE
from services.monitoring.datasets.routes import submitting
from services.monitoring.evidence import EVIDENCE_BYTES_MAX
from services.monitoring.guarantees.actions.record import EVIDENCE_PURPOSE
from services.monitoring.households.importing import routes as household_imports
from services.monitoring.measures.actions.checking import EVIDENCE_PURPOSE as MEASURE_PURPOSE
from services.monitoring.national import routes as national
from services.monitoring.parameters import keep_days
from services.monitoring.regions import routes as regions
from services.monitoring.regions.actions.record import LIMITS
from services.monitoring.visits.schemas import PHOTO_PURPOSE

USES: Final = (
    UploadUse(
        purpose=household_imports.IMPORT_PURPOSE,
        permission=may.HOUSEHOLD_IMPORT,
        limit_bytes=household_imports.IMPORT_BYTES_MAX,
        accepted=household_imports.IMPORT_ACCEPTED,
        keep_days=keep_days,
    ),
    UploadUse(
        purpose=submitting.PURPOSE,
        permission=may.SUBMISSION_SEND,
        limit_bytes=submitting.FILE_BYTES_MAX,
        accepted=TABLES,
        keep_days=keep_days,
    ),
    UploadUse(
        purpose=national.PURPOSE,
        permission=may.NATIONAL_IMPORT,
        limit_bytes=national.FILE_BYTES_MAX,
        accepted=TABLES,
        keep_days=keep_days,
    ),
    UploadUse(
        purpose=regions.REGIONS_PURPOSE,
        permission=may.REGION_RECORD,
        limit_bytes=LIMITS.file_bytes_max,
        accepted=TABLES,
        keep_days=keep_days,
    ),
    UploadUse(
        purpose=EVIDENCE_PURPOSE,
        permission=may.GUARANTEE_RECORD,
        limit_bytes=EVIDENCE_BYTES_MAX,
        accepted=EVIDENCE,
        keep_days=keep_days,
    ),
    UploadUse(
        purpose=SHEET_PURPOSE,
        permission=may.CONSENT_RECORD,
        limit_bytes=SHEET_BYTES_MAX,
        accepted=EVIDENCE,
        keep_days=keep_days,
    ),
    UploadUse(
        purpose=MEASURE_PURPOSE,
        permission=may.MEASURE_RECORD,
        limit_bytes=EVIDENCE_BYTES_MAX,
        accepted=EVIDENCE,
        keep_days=keep_days,
    ),
    UploadUse(
        purpose=PHOTO_PURPOSE,
        permission=may.VISIT_RECORD,
        limit_bytes=EVIDENCE_BYTES_MAX,
        accepted=EVIDENCE,
        keep_days=keep_days,
    ),
)

router = uploads_router("monitoring", USES)
