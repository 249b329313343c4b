"""Rules, their drafts and trials, and the vocabulary over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Request, Response

from chassis.database.unit_of_work import UnitOfWork
from chassis.http.acting import reads, writes
from chassis.http.language import language_of
from chassis.http.preconditions import etag, expected_version, needs_version
from chassis.http.reference import reference_data
from chassis.http.routers import service_router
from services.monitoring import permissions as may
from services.monitoring.screening.actions.rules import activate_rule, draft_rule, retire_rule, try_rule
from services.monitoring.screening.queries.rules import (
    list_rules,
    list_trial_hits,
    read_rule,
    read_trial,
    read_vocabulary,
)
from services.monitoring.screening.schemas import (
    RuleDraft,
    RuleId,
    RulePage,
    RuleQuery,
    RuleRead,
    TrialHitPage,
    TrialHitQuery,
    TrialRead,
    TrialRequest,
    VocabularyRead,
)

router = service_router("rules")
Version = Annotated[int, Path(ge=1, le=32767)]


@router.get("/vocabulary", operation_id="vocabulary_read")
@reference_data
async def vocabulary_read(request: Request, _unit: Annotated[UnitOfWork, reads(may.RULE_READ)]) -> VocabularyRead:
    """Read every name that a rule may use."""
    return read_vocabulary(language_of(request))


@router.get("/rules", operation_id="rule_list")
async def rule_list(
    query: Annotated[RuleQuery, Query()], unit: Annotated[UnitOfWork, reads(may.RULE_READ)]
) -> RulePage:
    """List the versions of rules around and within your area."""
    return await list_rules(unit, query)


@router.get("/rules/{rule_id}", operation_id="rule_read")
async def rule_read(rule_id: RuleId, response: Response, unit: Annotated[UnitOfWork, reads(may.RULE_READ)]) -> RuleRead:
    """Read the version of a rule that is in force in your area."""
    return _tagged(await read_rule(unit, rule_id), response)


@router.get("/rules/{rule_id}/versions/{version}", operation_id="rule_version_read")
async def rule_version_read(
    rule_id: RuleId, version: Version, response: Response, unit: Annotated[UnitOfWork, reads(may.RULE_READ)]
) -> RuleRead:
    """Read one version of a rule, such as the one that a hit names."""
    return _tagged(await read_rule(unit, rule_id, version), response)


@router.post("/rules/{rule_id}/drafts", operation_id="rule_draft", status_code=201)
async def rule_draft(
    rule_id: RuleId, body: RuleDraft, response: Response, unit: Annotated[UnitOfWork, writes(may.RULE_DRAFT)]
) -> RuleRead:
    """Draft a rule or a new version of one; a refusal names every reason."""
    return _tagged(await draft_rule(unit, rule_id, body), response)


@router.post("/rules/{rule_id}/drafts/{version}/try", operation_id="rule_try", status_code=202)
async def rule_try(
    rule_id: RuleId, version: Version, body: TrialRequest, unit: Annotated[UnitOfWork, writes(may.RULE_DRAFT)]
) -> TrialRead:
    """Try a draft over a county's data and compare it with the version in force."""
    return await try_rule(unit, rule_id, version, body)


@router.post("/rules/{rule_id}/drafts/{version}/activate", operation_id="rule_activate")
@needs_version
async def rule_activate(
    rule_id: RuleId,
    version: Version,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.RULE_ACTIVATE)],
) -> RuleRead:
    """Put a tried draft of somebody else into force from today."""
    return _tagged(await activate_rule(unit, rule_id, version, revision=expected_version(request)), response)


@router.post("/rules/{rule_id}/versions/{version}/retire", operation_id="rule_retire")
@needs_version
async def rule_retire(
    rule_id: RuleId,
    version: Version,
    request: Request,
    response: Response,
    unit: Annotated[UnitOfWork, writes(may.RULE_ACTIVATE)],
) -> RuleRead:
    """Ask to take a version out of force; the second person who asks does it."""
    return _tagged(await retire_rule(unit, rule_id, version, revision=expected_version(request)), response)


@router.get("/rule-trials/{trial_id}", operation_id="trial_read")
async def trial_read(trial_id: UUID, unit: Annotated[UnitOfWork, reads(may.TRIAL_READ)]) -> TrialRead:
    """Read how a trial ended."""
    return await read_trial(unit, trial_id)


@router.get("/rule-trials/{trial_id}/hits", operation_id="trial_hit_list")
async def trial_hit_list(
    trial_id: UUID, query: Annotated[TrialHitQuery, Query()], unit: Annotated[UnitOfWork, reads(may.TRIAL_READ)]
) -> TrialHitPage:
    """List whom a trial would hit, the changes first."""
    return await list_trial_hits(unit, trial_id, query)


def _tagged(rule: RuleRead, response: Response) -> RuleRead:
    response.headers["ETag"] = etag(rule.revision)
    return rule
