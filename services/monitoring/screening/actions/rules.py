"""Draft a rule, have it tried, put it into force by a second person, retire it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from chassis.database.unit_of_work import UnitOfWork
from chassis.errors import Fault, InvalidInput, Message, NotAllowed, StateRefused
from chassis.http.preconditions import require_version
from chassis.identifiers import new_id
from chassis.jobs.definition import defer
from chassis.records import Aggregate
from chassis.security.scope import Area, Level, level_of
from services.monitoring.datasets.contracts import load_contracts
from services.monitoring.entitlements.policy import policy_faults
from services.monitoring.screening.actions.request_run import county_of
from services.monitoring.screening.job_parameters import TrialParameters
from services.monitoring.screening.jobs import TRIAL as TRIAL_KIND
from services.monitoring.screening.language.refusals import RuleRefused
from services.monitoring.screening.language.rule import Condition, parse_rule
from services.monitoring.screening.parameters import numbers_for
from services.monitoring.screening.queries.rules import TRIAL, rule_row, show_rule, show_trial
from services.monitoring.screening.schemas import RuleDraft, RuleRead, TrialRead, TrialRequest
from services.monitoring.screening.stored import RULE, version_id
from services.monitoring.screening.terms import VOCABULARY
from services.monitoring.screening.vocabulary import Grain

OWN_VERSIONS_FROM: Final = 1001  # lower numbers come with releases, so the two never meet
_NOT_DRAFT: Final = Fault("", "not_a_draft", Message("只有草稿可以这样操作。", "Only a draft can take this step."))
_NOT_TRIED: Final = Fault("", "not_tried", Message("请先试运行这份草稿。", "Try this draft over past data first."))
_SAME_PERSON: Final = Fault(
    "",
    "second_person",
    Message("起草人不能自己启用，请由另一人或上一级启用。", "Another person, or the level above, puts it into force."),
)
_ASKED_ALREADY: Final = Fault(
    "",
    "second_person",
    Message("请由另一人或上一级确认停用。", "Another person, or the level above, takes it out of force."),
)
_NOT_ACTIVE: Final = Fault(
    "", "not_active", Message("只有在用的版本可以停用。", "Only an active version can be retired.")
)
_OTHER_KIND: Final = Fault(
    "/policy",
    "other_kind",
    Message("此编号已用于另一类规则，请换编号。", "The rule of this id is of the other kind; choose another id."),
)
_NO_SILENCE: Final = Fault(
    "/growing", "policy_has_no_silence", Message("惠民政策没有静默字段。", "A policy has no silence that grows.")
)
_COUNTY: Final = Fault("/region", "county_needed", Message("请指定一个县。", "Name one county."))
_AHEAD: Final = Fault("/as_of", "in_the_future", Message("日期不能晚于今天。", "The day cannot lie ahead."))


async def draft_rule(unit: UnitOfWork, rule_id: str, body: RuleDraft) -> RuleRead:
    """Keep a draft whose expression holds; nothing fires by it yet.

    :raises RuleRefused: with every reason why the expression or what stands beside it cannot be a rule.
    :raises NotAllowed: for a division outside the caller's area.
    """
    scope = body.scope or unit.actor.assignment.region
    if not unit.area.covers(Area.of(scope)):
        raise NotAllowed
    numbers = await numbers_for(unit.connection, scope, unit.clock.today())
    condition = _checked(body, numbers.values, await _kind_faults(unit, rule_id, body))
    last = select(func.max(RULE.c.version)).where(RULE.c.rule_id == rule_id)
    version = max((await unit.connection.execute(last)).scalar_one() or 0, OWN_VERSIONS_FROM - 1) + 1
    datasets = _datasets(condition)
    made = await unit.connection.execute(
        insert(RULE)
        .values(
            rule_id=rule_id,
            version=version,
            id=version_id(rule_id, version),
            scope=scope,
            grain=body.grain.value,
            subject=body.subject.value,
            severity=body.severity,
            expression=body.expression,
            parameters=sorted(condition.thresholds),
            datasets=datasets,
            departments=_departments(datasets),
            label=body.label.model_dump(),
            clause=body.clause.model_dump(),
            notes=body.notes.model_dump() if body.notes else {"zh": "", "en": ""},
            document=body.document,
            source=body.source,
            growing_column=body.growing.column if body.growing else None,
            growing_threshold=body.growing.threshold if body.growing else None,
            drafted_by=unit.actor.subject,
            policy=body.policy.model_dump(mode="json") if body.policy else None,
        )
        .returning(RULE)
    )
    row = made.one()
    _record(unit, "rule.draft", row, "expression", *(["policy"] if body.policy else []), "severity")
    return show_rule(unit, row)


async def try_rule(unit: UnitOfWork, rule_id: str, version: int, body: TrialRequest) -> TrialRead:
    """Ask for a trial over one county's data.

    :raises NotFound: if there is no such version in the caller's area.
    :raises StateRefused: if it is no draft.
    :raises InvalidInput: without a county inside the caller's area, or for a day that lies ahead.
    """
    row = await rule_row(unit, rule_id, version)
    if row.state != "draft":
        raise StateRefused(faults=[_NOT_DRAFT])
    region = body.region or (row.scope if row.scope and level_of(row.scope) >= Level.COUNTY else None)
    region = county_of(region or unit.actor.assignment.region)
    as_of = body.as_of or unit.clock.today()
    faults = []
    if level_of(region) is not Level.COUNTY or not unit.area.covers(Area.of(region)):
        faults.append(_COUNTY)
    if as_of > unit.clock.today():
        faults.append(_AHEAD)
    if faults:
        raise InvalidInput(faults=faults)
    trial_id, job_id = new_id(), new_id()
    made = await unit.connection.execute(
        insert(TRIAL)
        .values(
            id=trial_id,
            region=region,
            rule_id=rule_id,
            rule_version=version,
            revision=row.revision,
            as_of=as_of,
            job_id=job_id,
            requested_by=unit.actor.subject,
        )
        .returning(TRIAL)
    )
    await defer(unit, TRIAL_KIND, TrialParameters(trial_id=trial_id), region, job_id=job_id)
    return show_trial(made.one())


async def activate_rule(unit: UnitOfWork, rule_id: str, version: int, *, revision: int) -> RuleRead:
    """Put a tried draft into force from today; what its division had in force before is retired.

    :raises NotFound: if there is no such version in the caller's area.
    :raises NotAllowed: if its division reaches beyond the caller's area.
    :raises VersionStale: if ``revision`` is not the present one.
    :raises StateRefused: naming each of: no draft, not tried, same person as drafted it.
    """
    row = await _mine(unit, rule_id, version, revision)
    faults = []
    if row.state != "draft":
        faults.append(_NOT_DRAFT)
    if row.tried_at is None:
        faults.append(_NOT_TRIED)
    if row.drafted_by == unit.actor.subject:
        faults.append(_SAME_PERSON)
    if faults:
        raise StateRefused(faults=faults)
    former = await unit.connection.execute(
        update(RULE)
        .where(RULE.c.rule_id == rule_id, RULE.c.scope == row.scope, RULE.c.state == "active")
        # Its successor took two persons; whoever had asked to retire it may be one of them.
        .values({**_retired(unit), "retirement_asked_by": None})
        .returning(RULE)
    )
    for old in former:
        _record(unit, "rule.retire", old, "state")
    changed = await unit.connection.execute(
        update(RULE)
        .where(RULE.c.id == row.id)
        .values(
            state="active",
            activated_by=unit.actor.subject,
            activated_at=unit.clock.system_now(),
            effective_from=unit.clock.today(),
            revision=RULE.c.revision + 1,
        )
        .returning(RULE)
    )
    done = changed.one()
    _record(unit, "rule.activate", done, "state")
    return show_rule(unit, done)


async def retire_rule(unit: UnitOfWork, rule_id: str, version: int, *, revision: int) -> RuleRead:
    """Ask to take a version out of force; asked by a second person, it is.

    In its division the version of the division above then counts again, if there is one.

    :raises NotFound: if there is no such version in the caller's area.
    :raises NotAllowed: if its division reaches beyond the caller's area.
    :raises VersionStale: if ``revision`` is not the present one.
    :raises StateRefused: if it is not active, or the same person asks twice.
    """
    row = await _mine(unit, rule_id, version, revision)
    if row.state != "active":
        raise StateRefused(faults=[_NOT_ACTIVE])
    if row.retirement_asked_by == unit.actor.subject:
        raise StateRefused(faults=[_ASKED_ALREADY])
    if row.retirement_asked_by is None:
        action, field = "rule.ask_retirement", "retirement_asked_by"
        values = {field: unit.actor.subject, "revision": RULE.c.revision + 1}
    else:
        action, field, values = "rule.retire", "state", _retired(unit)
    changed = await unit.connection.execute(update(RULE).where(RULE.c.id == row.id).values(values).returning(RULE))
    done = changed.one()
    _record(unit, action, done, field)
    return show_rule(unit, done)


async def _mine(unit: UnitOfWork, rule_id: str, version: int, revision: int) -> Any:
    row = await rule_row(unit, rule_id, version, lock=True)
    if row.scope == 0 or not unit.area.covers(Area.of(row.scope)):
        raise NotAllowed
    require_version(revision, row.revision)
    return row


def _retired(unit: UnitOfWork) -> dict[str, Any]:
    return {
        "state": "retired",
        "effective_to": unit.clock.today(),
        "retired_by": unit.actor.subject,
        "revision": RULE.c.revision + 1,
    }


def _record(unit: UnitOfWork, action: str, row: Any, *fields: str) -> None:
    # Rules are reference data of a division, not rows of an area: the change feed does not carry them.
    unit.record(action, Aggregate("rule", row.id, unit.actor.assignment.region, version=0), fields=list(fields))


async def _kind_faults(unit: UnitOfWork, rule_id: str, body: RuleDraft) -> list[Fault]:
    """A rule's versions all raise clues, or all say what is due; a policy names what exists."""
    kinds = select(RULE.c.policy.is_not(None)).where(RULE.c.rule_id == rule_id).limit(1)
    is_policy = (await unit.connection.execute(kinds)).scalar_one_or_none()
    faults = [] if body.policy is None else policy_faults(body.policy)
    if is_policy is not None and is_policy is not (body.policy is not None):
        faults.append(_OTHER_KIND)
    if body.policy is not None and body.growing is not None:
        faults.append(_NO_SILENCE)
    return faults


def _checked(body: RuleDraft, values: dict[str, int] | Any, faults: list[Fault]) -> Condition:
    """The condition of a draft.

    :param faults: reasons that were found before.
    :raises RuleRefused: with every reason.
    """
    condition = None
    try:
        condition = parse_rule(body.expression, body.grain, VOCABULARY, values)
    except RuleRefused as refused:
        faults += refused.faults
    if body.subject is Grain.RECORD and body.grain is not Grain.RECORD:
        message = Message("只有记录级规则能以记录为对象。", "Only a record rule can be about a record.")
        faults.append(Fault("/subject", "subject", message))
    if body.growing is not None:
        if condition is not None and body.growing.column not in condition.columns:
            message = Message("增长字段须在表达式中。", "The growing column must be in the expression.")
            faults.append(Fault("/growing/column", "growing_unread", message))
        elif condition is not None and not VOCABULARY[body.growing.column].is_number:
            message = Message("增长字段须为数字。", "The growing column must be a number.")
            faults.append(Fault("/growing/column", "growing_not_a_number", message))
        if body.growing.threshold not in values:
            message = Message("该参数在本地区没有值。", "That parameter has no value for the area.")
            faults.append(Fault("/growing/threshold", "unbound_parameter", message))
    if faults or condition is None:
        raise RuleRefused(faults=faults)
    return condition


def _datasets(condition: Condition) -> list[str]:
    known = {contract.code for contract in load_contracts()} | {"income"}
    return sorted({source for column in condition.columns for source in VOCABULARY[column].source if source in known})


def _departments(datasets: Iterable[str]) -> list[str]:
    owners = {contract.code: contract.department for contract in load_contracts()}
    return sorted({owners.get(code, "monitoring") for code in datasets} or {"monitoring"})
