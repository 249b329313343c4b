"""A refusal that comes through the gateway is told with what each of its items says."""

from __future__ import annotations

import httpx
import pytest

from deploy.sample.doors import LoadRefused, ask


async def test_each_item_of_a_refusal_is_told():
    problem = {
        "code": "invalid_input",
        "detail": "提交的内容有误，请按各项提示修改。",
        "errors": [{"pointer": "?period", "code": "period_form", "message": "期次如 2024-05。"}],
    }
    answer = httpx.Response(422, json=problem, headers={"Content-Type": "application/problem+json"})
    transport = httpx.MockTransport(lambda _request: answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://platform") as client:
        with pytest.raises(LoadRefused) as refused:
            await ask(client, "POST", "/households/imports")
    assert refused.value.message.zh.endswith(
        "422 invalid_input 提交的内容有误，请按各项提示修改。 ?period period_form 期次如 2024-05。"
    )
