"""Compose monitoring."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from chassis.audit.checkpoints import sealed_event
from chassis.errors import Message
from chassis.service import Service
from services.monitoring import uploads
from services.monitoring.attention import routes as attention
from services.monitoring.attention.actions.findings import CARERS
from services.monitoring.attention.actions.listed import LISTED
from services.monitoring.base import Table
from services.monitoring.cases import routes as cases
from services.monitoring.cases.actions.eliminate import FOLLOW_UPS
from services.monitoring.cases.operations import OPERATIONS as CASE_OPERATIONS
from services.monitoring.classification import routes as classification
from services.monitoring.clues import routes as clues
from services.monitoring.clues.operations import OPERATIONS as CLUE_OPERATIONS
from services.monitoring.codes import routes as codes
from services.monitoring.comparisons import routes as comparisons
from services.monitoring.consents import routes as consents
from services.monitoring.consents.operations import OPERATIONS as CONSENT_OPERATIONS
from services.monitoring.contract import EVENTS
from services.monitoring.datasets import routes as datasets
from services.monitoring.datasets.changes import on_records_changed
from services.monitoring.datasets.reading.job import READ_FILE
from services.monitoring.entitlements import routes as entitlements
from services.monitoring.entitlements.jobs import COMPUTE
from services.monitoring.entitlements.jobs import SCHEDULE as ENTITLEMENTS
from services.monitoring.guarantees import routes as guarantees
from services.monitoring.guarantees.operations import OPERATIONS as GUARANTEE_OPERATIONS
from services.monitoring.helpers import routes as helpers
from services.monitoring.households import routes as households
from services.monitoring.households.importing import routes as household_imports
from services.monitoring.households.importing.job import HOUSEHOLD_IMPORT
from services.monitoring.households.operations import OPERATIONS as HOUSEHOLD_OPERATIONS
from services.monitoring.income import routes as income
from services.monitoring.interviews import routes as interviews
from services.monitoring.interviews.operations import OPERATIONS as INTERVIEW_OPERATIONS
from services.monitoring.lines import routes as lines
from services.monitoring.measures import routes as measures
from services.monitoring.measures.operations import OPERATIONS as MEASURE_OPERATIONS
from services.monitoring.national import routes as national
from services.monitoring.national.job import NATIONAL_COMPARE, NATIONAL_IMPORT
from services.monitoring.paper import routes as paper
from services.monitoring.paper.job import PAPERS
from services.monitoring.parameters import CATALOGUE
from services.monitoring.regions import routes as regions
from services.monitoring.regions.queries.counties import counties
from services.monitoring.registers import routes as registers
from services.monitoring.registers.catalogue import REGISTERS
from services.monitoring.registers.jobs import ASSESS, FEED, feed_after_batch
from services.monitoring.registers.operations import OPERATIONS as REGISTER_OPERATIONS
from services.monitoring.screening import routes as screening
from services.monitoring.screening.actions.request_run import on_records_changed as screen_after_batch
from services.monitoring.screening.jobs import SCREENING, TRIAL
from services.monitoring.screening.schedule import SCHEDULE
from services.monitoring.screening.seeding import seed_screening
from services.monitoring.staff import routes as staff
from services.monitoring.statistics import routes as statistics
from services.monitoring.subscriptions import SUBSCRIPTIONS
from services.monitoring.todo import routes as todo
from services.monitoring.visits import routes as visits
from services.monitoring.visits.actions.refresh import DUES
from services.monitoring.visits.operations import OPERATIONS as VISIT_OPERATIONS
from services.monitoring.work import routes as work

on_records_changed(screen_after_batch)
on_records_changed(feed_after_batch)

SERVICE: Final = Service(
    name="monitoring",
    title=Message("防返贫动态监测", "Monitoring against falling back into poverty"),
    tables=Table.metadata,
    migrations=Path(__file__).parent / "migrations" / "versions",
    package=__package__,
    routers=(
        codes.router,
        *households.routers,
        household_imports.router,
        *clues.routers,
        regions.router,
        income.router,
        lines.router,
        staff.router,
        *datasets.routers,
        national.router,
        measures.router,
        *screening.routers,
        uploads.router,
        helpers.router,
        visits.router,
        attention.router,
        entitlements.router,
        *cases.routers,
        guarantees.router,
        classification.router,
        registers.router,
        work.router,
        consents.router,
        comparisons.router,
        interviews.router,
        statistics.router,
        todo.router,
        paper.router,
    ),
    parameters=CATALOGUE,
    change_kinds=(
        "household",
        "person",
        "finding",
        "transfer",
        "clash_task",
        "clue",
        "region",
        "income_line",
        "line_row",
        "post",
        "submission",
        "pairing",
        "visit",
        "attention",
        "guardianship_check",
        "carer",
        "entitlement",
        "case",
        "case_meeting",
        "public_list",
        "guarantee_check",
        "measure",
        *(register.kind for register in REGISTERS.values()),
        "register_finding",
        "work_spell",
        "consent",
        "comparison_request",
        "interview",
        "published_statistic",
        "case_notice",
    ),
    jobs=(READ_FILE, HOUSEHOLD_IMPORT, NATIONAL_IMPORT, NATIONAL_COMPARE, SCREENING, TRIAL, COMPUTE, FEED, PAPERS),
    sweeps=(SCHEDULE, LISTED, DUES, CARERS, ENTITLEMENTS, ASSESS, FOLLOW_UPS),
    areas=counties,
    operations=(
        *HOUSEHOLD_OPERATIONS,
        *CLUE_OPERATIONS,
        *GUARANTEE_OPERATIONS,
        *CONSENT_OPERATIONS,
        *INTERVIEW_OPERATIONS,
        *CASE_OPERATIONS,
        *MEASURE_OPERATIONS,
        *VISIT_OPERATIONS,
        *REGISTER_OPERATIONS,
    ),
    on_start=(seed_screening,),
    subscriptions=SUBSCRIPTIONS,
    events=(*EVENTS, sealed_event("monitoring")),
)
