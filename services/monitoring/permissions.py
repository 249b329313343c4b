"""Who may do what in monitoring; ``tests/permissions.csv`` is the independent oracle."""

from __future__ import annotations

from typing import Final

from chassis.security.scope import FIELD, OFFICERS, Permission, Role

_COUNTY: Final = frozenset({Role.COUNTY_OFFICER})
_TOWN: Final = frozenset({Role.COUNTY_OFFICER, Role.TOWN_OFFICER})
_LOCAL: Final = _TOWN | FIELD
_READERS: Final = OFFICERS | FIELD | {Role.AUDITOR}

REGION_READ: Final = Permission("region.read", frozenset(Role))
REGION_RECORD: Final = Permission("region.record", frozenset({Role.PROVINCE_OFFICER, Role.COUNTY_OFFICER}))

HOUSEHOLD_READ: Final = Permission("household.read", _READERS)
HOUSEHOLD_REGISTER: Final = Permission("household.register", _LOCAL)
HOUSEHOLD_CHANGE: Final = Permission("household.change", _LOCAL)
HOUSEHOLD_TRANSFER: Final = Permission("household.transfer", _TOWN)
HOUSEHOLD_IMPORT: Final = Permission("household.import", _COUNTY)
PERSON_REVEAL: Final = Permission("person.reveal", _LOCAL)
FINDING_SETTLE: Final = Permission("finding.settle", _LOCAL)
CLASH_READ: Final = Permission("clash.read", frozenset({Role.COUNTY_OFFICER, Role.AUDITOR}))
TRANSFER_READ: Final = Permission("transfer.read", _TOWN | {Role.AUDITOR})
TRIAL_READ: Final = Permission("trial.read", (OFFICERS - {Role.TOWN_OFFICER}) | {Role.AUDITOR})
CLASH_SETTLE: Final = Permission("clash.settle", _COUNTY)
CODE_READ: Final = Permission("code.read", frozenset(Role))

CLUE_REPORT: Final = Permission("clue.report", _LOCAL)
CLUE_READ: Final = Permission("clue.read", _READERS | {Role.DEPARTMENT_CLERK})
CLUE_JUDGE: Final = Permission("clue.judge", _COUNTY)
CLUE_TELL: Final = Permission("clue.tell", _LOCAL)
REPORT_READ: Final = Permission("report.read", _READERS)
SELF_REPORT_READ: Final = Permission("self_report.read", _TOWN | {Role.AUDITOR})
SELF_REPORT_MATCH: Final = Permission("self_report.match", _TOWN)

RULE_READ: Final = Permission("rule.read", _READERS | {Role.DEPARTMENT_CLERK})
RULE_DRAFT: Final = Permission("rule.draft", OFFICERS - {Role.TOWN_OFFICER})
RULE_ACTIVATE: Final = Permission("rule.activate", OFFICERS - {Role.TOWN_OFFICER})
SCREENING_READ: Final = Permission("screening.read", _READERS)
SCREENING_REQUEST: Final = Permission("screening.request", _COUNTY)

STAFF_READ: Final = Permission(
    "staff.read", _READERS | {Role.SYSTEM_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR}
)
STAFF_GRANT: Final = Permission("staff.grant", frozenset({Role.SECURITY_ADMINISTRATOR}))

LINE_READ: Final = Permission("line.read", _READERS)
LINE_RECORD: Final = Permission("line.record", OFFICERS - {Role.TOWN_OFFICER})

INCOME_READ: Final = Permission("income.read", _READERS)
INCOME_RECORD: Final = Permission("income.record", _LOCAL)

DATASET_READ: Final = Permission("dataset.read", _READERS | {Role.DEPARTMENT_CLERK})
DATASET_PERIOD_SET: Final = Permission("dataset_period.set", _COUNTY)
SUBMISSION_SEND: Final = Permission("submission.send", frozenset({Role.COUNTY_OFFICER, Role.DEPARTMENT_CLERK}))
SUBMISSION_READ: Final = Permission(
    "submission.read",
    frozenset({Role.PROVINCE_OFFICER, Role.CITY_OFFICER, Role.COUNTY_OFFICER, Role.DEPARTMENT_CLERK, Role.AUDITOR}),
)

NATIONAL_IMPORT: Final = Permission("national.import", _COUNTY)
NATIONAL_READ: Final = Permission("national.read", (OFFICERS - {Role.TOWN_OFFICER}) | {Role.AUDITOR})

HELPER_READ: Final = Permission("helper.read", _READERS)
HELPER_RECORD: Final = Permission("helper.record", _TOWN)
VISIT_READ: Final = Permission("visit.read", _READERS)
VISIT_RECORD: Final = Permission("visit.record", _LOCAL)
ATTENTION_READ: Final = Permission("attention.read", _READERS)
ATTENTION_RECORD: Final = Permission("attention.record", _LOCAL)
ENTITLEMENT_READ: Final = Permission("entitlement.read", _READERS | {Role.DEPARTMENT_CLERK})
ENTITLEMENT_COMPUTE: Final = Permission("entitlement.compute", _COUNTY)
ENTITLEMENT_EXPLAIN: Final = Permission("entitlement.explain", frozenset({Role.COUNTY_OFFICER, Role.DEPARTMENT_CLERK}))
CASE_READ: Final = Permission("case.read", _READERS)
CASE_DISPATCH: Final = Permission("case.dispatch", _COUNTY)
CASE_VERIFY: Final = Permission("case.verify", _LOCAL)
CASE_REVIEW: Final = Permission("case.review", _LOCAL)
CASE_PUBLISH: Final = Permission("case.publish", _LOCAL)
CASE_DECIDE_TOWN: Final = Permission("case.decide_town", _TOWN)
CASE_DECIDE_COUNTY: Final = Permission("case.decide_county", _COUNTY)
CASE_REGISTER: Final = Permission("case.register", _LOCAL)
CASE_ELIMINATE: Final = Permission("case.eliminate", _LOCAL)
GUARANTEE_READ: Final = Permission("guarantee.read", _READERS)
GUARANTEE_RECORD: Final = Permission("guarantee.record", _LOCAL)
CONSENT_READ: Final = Permission("consent.read", _READERS)
CONSENT_RECORD: Final = Permission("consent.record", _LOCAL)
CONSENT_SHEET_READ: Final = Permission("consent_sheet.read", _LOCAL)
COMPARISON_READ: Final = Permission("comparison.read", _READERS | {Role.DEPARTMENT_CLERK})
COMPARISON_ANSWER: Final = Permission("comparison.answer", frozenset({Role.DEPARTMENT_CLERK}))
COMPARISON_RECORD_SILENCE: Final = Permission("comparison.record_silence", _COUNTY)
INTERVIEW_READ: Final = Permission("interview.read", _READERS)
INTERVIEW_RECORD: Final = Permission("interview.record", _LOCAL)
MEASURE_READ: Final = Permission("measure.read", _READERS)
MEASURE_RECORD: Final = Permission("measure.record", _LOCAL)
REGISTER_READ: Final = Permission("register.read", _READERS)
REGISTER_EXPORT: Final = Permission("register.export", OFFICERS | {Role.AUDITOR})
REGISTER_RECORD: Final = Permission("register.record", _LOCAL)
REGISTER_FINDING_READ: Final = Permission("register_finding.read", _READERS | {Role.DEPARTMENT_CLERK})
STATISTIC_READ: Final = Permission("statistic.read", _READERS)
STATISTIC_PUBLISH: Final = Permission("statistic.publish", OFFICERS - {Role.TOWN_OFFICER})
TODO_READ: Final = Permission("todo.read", OFFICERS | FIELD | {Role.DEPARTMENT_CLERK})
PAPER_PRINT: Final = Permission("paper.print", _LOCAL)
