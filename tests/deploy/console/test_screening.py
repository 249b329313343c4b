"""A screening that is asked for again, because its answer was lost, is the same one."""

from __future__ import annotations

import httpx
import stamina

from deploy.console.screening import _screened

RUN = {"id": "018fdb65-4c18-7b85-8964-83b0aef48319", "job_id": "018fdb65-4c18-71bc-a264-c6ba90e8d188"}


async def test_a_lost_answer_leads_to_no_second_run():
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.append(request.headers.get("Idempotency-Key"))
            if len(asked) == 1:
                raise httpx.ReadError("the answer was lost")
            return httpx.Response(202, json=RUN)
        if request.url.path.startswith("/jobs/"):
            return httpx.Response(200, json={"state": "succeeded", "progress": {"done": 1, "total": 1}})
        return httpx.Response(200, json={**RUN, "state": "failed"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://platform") as client:
        with stamina.set_testing(True, attempts=6):
            await _screened(client, is_history=False)
    assert len(asked) == 2
    assert asked[0] == asked[1] is not None
