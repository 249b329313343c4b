"""A fact that was judged with a case which has ended is silent, and no longer once it has grown (clause B8, B11)."""

from __future__ import annotations

from datetime import date

from services.monitoring.screening.seeding import seed_screening
from tests.services.monitoring.cases.village import made
from tests.services.monitoring.screening import county_data as county

SELF_PAY = "medical.annual_self_pay"


async def test_a_fact_behind_a_case_that_was_declined_raises_another_clue_once_it_has_grown(them, chen, monitoring):
    await seed_screening(monitoring)
    wife = next(one for one in chen["members"] if one["name"] == "李秀兰")

    async def paid(day: int, fen: int) -> int:
        await county.record(monitoring, SELF_PAY, wife, chen["id"], date(2024, 5, day), self_pay_fen=fen)
        return (await county.screen(monitoring)).counts["clues_raised"]

    assert await paid(1, 2_000_000) == 1
    [clue] = made(await them.county.get("/clues"))["items"]
    case = made(await them.dispatch(clue))
    assert await paid(2, 2_600_000) == 0, "an open case holds it"
    made(await them.do(them.cadre, case, "decline", signed_by="陈大山", given_by="electronic"))
    assert await paid(3, 3_099_999) == 0, "it has not grown by a step"
    assert await paid(4, 3_100_000) == 1
    [clue] = made(await them.county.get("/clues", params={"state": "open"}))["items"]
    assert made(await them.dispatch(clue))["previous_case_id"] == case["id"]
