"""Clues and income go with the people: a split or a merger neither loses what was found nor counts it twice."""

from __future__ import annotations

from datetime import date

import pytest

from chassis.security.scope import Role
from services.monitoring.clues.tables import Silence
from services.monitoring.screening.seeding import seed_screening
from tests.personas import CHEN, number, person
from tests.services.monitoring.answers import match, member
from tests.services.monitoring.screening import county_data as county

NEXT_VILLAGE = "610999101204"
SELF_PAY = "medical.annual_self_pay"


@pytest.fixture
async def chen(asks, monitoring):
    await seed_screening(monitoring)
    members = [*CHEN["members"], person(name="陈小山", relation="20", identity_number=number("19980101"))]
    return (await asks().post("/households", json=CHEN | {"valid_from": "2024-01-01", "members": members})).json()


async def ill(monitoring, chen, name):
    await county.record(monitoring, SELF_PAY, member(chen, name), chen["id"], date(2024, 5, 1), self_pay_fen=2_000_000)


async def earned(asks, chen, *lines):
    body = {"lines": [{"kind": "wage.outside_work", "on": "2024-03-05", "source": "访谈", **line} for line in lines]}
    made = await asks().post(f"/households/{chen['id']}/income-statements", json=body)
    assert made.status_code == 201, made.text


async def split(asks, chen):
    son = member(chen, "陈小山")
    body = {"region": NEXT_VILLAGE, "on": "2024-06-01", "leaving": [{"person_id": son["id"], "relation": "02"}]}
    answer = await asks().post(f"/households/{chen['id']}/split", json=body, headers=match(chen))
    assert answer.status_code == 201, answer.text
    return answer.json()["household"], answer.json()["other"]


async def merge(asks, ends, into):
    relations = [{"person_id": one["id"], "relation": "20"} for one in ends["members"]]
    body = {"into": into["id"], "into_version": into["version"], "on": "2024-06-02", "relations": relations}
    answer = await asks().post(f"/households/{ends['id']}/merge", json=body, headers=match(ends))
    assert answer.status_code == 200, answer.text
    return answer.json()["other"]


async def queue(asks):
    """Open clues as (household, village, hits, who they are about)."""
    found = []
    for row in (await asks().get("/clues")).json()["items"]:
        hits = (await asks().get(f"/clues/{row['id']}")).json()["hits"]
        about = sorted(str(hit["person_id"]) for hit in hits if hit["state"] == "standing")
        found.append((row["household_id"], row["region"], row["hit_count"], about))
    return sorted(found)


async def net(asks, household):
    return (await asks().get(f"/households/{household['id']}/income")).json()["net"]


async def test_a_son_who_leaves_takes_the_hits_about_him_and_his_wages_along(asks, monitoring, chen):
    for name in ("李秀兰", "陈小山"):
        await ill(monitoring, chen, name)
    son, wife = member(chen, "陈小山"), member(chen, "李秀兰")
    await earned(asks, chen, {"amount": "30000.00", "person_id": son["id"]}, {"amount": "5000.00"})
    await county.screen(monitoring)
    assert [(one[0], one[2]) for one in await queue(asks)] == [(chen["id"], 2)]
    old, new = await split(asks, chen)
    apart = sorted([(old["id"], old["region"], 1, [wife["id"]]), (new["id"], NEXT_VILLAGE, 1, [son["id"]])])
    assert await queue(asks) == apart
    assert (await net(asks, old), await net(asks, new)) == ("5000.00", "30000.00")
    # The area that he left no longer lists what went with him, and the next screening finds nothing new.
    await county.screen(monitoring)
    assert await queue(asks) == apart


async def test_a_merger_brings_clues_silences_and_income_together(asks, monitoring, chen):
    old, new = await split(asks, chen)
    son, wife = new["members"][0], member(chen, "李秀兰")
    for household, one in ((old, wife), (new, son)):
        facts = {"self_pay_fen": 2_000_000}
        await county.record(monitoring, SELF_PAY, one, household["id"], date(2024, 5, 1), **facts)
    await earned(asks, new, {"amount": "30000.00", "person_id": son["id"]}, {"amount": "1000.00"})
    report = {"household_id": new["id"], "risk": "07", "description": "没有活干"}
    assert (await asks(Role.VILLAGE_CADRE, int(NEXT_VILLAGE)).post("/reports", json=report)).status_code == 201
    await county.screen(monitoring)
    assert [one[2] for one in await queue(asks)] != []
    whole = await merge(asks, new, old)
    together = [(whole["id"], whole["region"], 3, sorted([wife["id"], son["id"], "None"]))]
    assert await queue(asks) == together
    assert await net(asks, whole) == "31000.00"
    await county.screen(monitoring)
    assert await queue(asks) == together


async def test_a_fact_that_was_dismissed_stays_silent_after_a_merger(asks, monitoring, chen):
    old, new = await split(asks, chen)
    son = new["members"][0]
    await county.record(monitoring, SELF_PAY, son, new["id"], date(2024, 5, 1), self_pay_fen=2_000_000)
    await county.screen(monitoring)
    [clue] = (await asks().get("/clues")).json()["items"]
    dismissed = await asks().post(f"/clues/{clue['id']}/dismiss", json={"reason": "bearable"}, headers=match(clue))
    assert dismissed.status_code == 200, dismissed.text
    whole = await merge(asks, new, old)
    await county.screen(monitoring)
    assert await queue(asks) == []
    [silence] = await county.everything(monitoring, Silence)
    assert (str(silence.household_id), str(silence.region)) == (whole["id"], whole["region"])


async def test_income_and_clues_come_back_with_a_household_to_another_village(asks, monitoring, chen):
    await earned(asks, chen, {"amount": "5000.00"})
    report = {"household_id": chen["id"], "risk": "07", "description": "没有活干"}
    assert (await asks().post("/reports", json=report)).status_code == 201
    away = {"on": "2024-03-01", "reason": "迁往外省"}
    gone = (await asks().post(f"/households/{chen['id']}/move-out", json=away, headers=match(chen))).json()
    back = {"on": "2024-06-01", "region": NEXT_VILLAGE}
    answer = await asks().post(f"/households/{chen['id']}/move-back", json=back, headers=match(gone))
    assert answer.status_code == 200, answer.text
    cadre = asks(Role.VILLAGE_CADRE, int(NEXT_VILLAGE))
    assert (await cadre.get(f"/households/{chen['id']}/income")).json()["net"] == "5000.00"
    assert [one[:3] for one in await queue(lambda: cadre)] == [(chen["id"], NEXT_VILLAGE, 1)]
