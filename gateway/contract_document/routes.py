"""The document and the catalogue of problems over HTTP."""

from __future__ import annotations

from typing import Literal

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from chassis.errors import Language
from chassis.http.kept_answers import KeptAnswer
from chassis.http.language import language_of
from chassis.http.reference import reference_data
from gateway.contract_document.contract import ContractDocument
from gateway.errors import UnknownAddress


class ProblemTitle(BaseModel):
    """What has happened, in both languages."""

    zh: str
    en: str


class ProblemKind(BaseModel):
    """One kind of problem that the platform answers with; ``summary`` is the title in the reader's language."""

    type: str
    code: str
    status: int
    title: ProblemTitle
    summary: str


class ProblemCatalogue(BaseModel):
    """Every kind of problem, in order of code."""

    items: list[ProblemKind]


def contract_router(contract: ContractDocument) -> APIRouter:
    """``/openapi.json``, ``/openapi-3.0.json`` and ``/v1/problems``."""
    router = APIRouter()

    @router.get("/openapi.json", include_in_schema=False)
    async def openapi_31(request: Request) -> Response:
        return (await contract.current()).openapi_31.respond(request)

    @router.get("/openapi-3.0.json", include_in_schema=False)
    async def openapi_30(request: Request) -> Response:
        return (await contract.current()).openapi_30.respond(request)

    @router.get("/v1/problems", operation_id="problem_list", tags=["problems"], response_model=ProblemCatalogue)
    @reference_data
    async def problem_list(request: Request) -> Response:
        """Every kind of problem that a 4xx or 5xx may be."""
        language = language_of(request)
        items = [_in_language(problem, language) for problem in (await contract.current()).problems]
        return _answer(request, {"items": items}, language)

    @router.get("/v1/problems/{code}", operation_id="problem_read", tags=["problems"], response_model=ProblemKind)
    @reference_data
    async def problem_read(request: Request, code: str) -> Response:
        """One kind of problem; the `type` of a problem document is this address."""
        language = language_of(request)
        for problem in (await contract.current()).problems:
            if problem["code"] == code:
                return _answer(request, _in_language(problem, language), language)
        raise UnknownAddress

    return router


def _in_language(problem: dict[str, object], language: Language) -> dict[str, object]:
    titles = problem["title"]
    assert isinstance(titles, dict)
    return {**problem, "summary": titles[language]}


def _answer(request: Request, body: dict[str, object], language: Language) -> Response:
    tag: Literal["zh-CN", "en"] = "zh-CN" if language == "zh" else "en"
    answer = KeptAnswer(orjson.dumps(body), "application/json", headers={"Content-Language": tag})
    return answer.respond(request, vary="Accept-Encoding, Accept-Language")
