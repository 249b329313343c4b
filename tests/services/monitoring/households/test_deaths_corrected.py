"""A death recorded by mistake is taken back: nobody stays dead on paper, and nobody is registered a second time."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE
from tests.personas import CHEN
from tests.services.monitoring.answers import codes, match


@pytest.fixture
async def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    return (await cadre.post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()


async def _dies(cadre, member, on):
    answer = await cadre.post(f"/persons/{member['id']}/record-death", json={"on": on}, headers=match(member))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _back(member, **said):
    return {"person_id": member["id"], "relation": member["relation"]} | said


async def test_who_was_recorded_as_dead_by_mistake_was_never_dead(cadre, chen):
    [wife] = [one for one in chen["members"] if one["name"] == "李秀兰"]
    after = await _dies(cadre, wife, "2024-02-01")
    moved = {"address": "松坪村二组", "valid_from": "2024-03-01"}
    after = (await cadre.patch(f"/households/{chen['id']}", json=moved, headers=match(after))).json()

    where = f"/households/{chen['id']}/return-member"
    early = await cadre.post(where, json=_back(wife, on="2024-03-01"), headers=match(after))
    assert codes(early) == {"not_the_day_of_death", "missing"}
    said = _back(wife, on="2024-02-01", reason="同名误报")
    answer = await cadre.post(where, json=said, headers=match(after))
    assert answer.status_code == 200, answer.text
    assert answer.json()["member_count"] == 2

    alive = (await cadre.get(f"/persons/{wife['id']}")).json()
    assert (alive["state"], alive["died_on"]) == ("active", None)
    for day in ("2024-02-01", "2024-02-15", "2024-03-02"):
        assert (await cadre.get(f"/persons/{wife['id']}", params={"on": day})).json()["state"] == "active", day
    again = await cadre.post(f"/persons/{wife['id']}/record-death", json={"on": "2024-05-01"}, headers=match(alive))
    assert again.status_code == 200, again.text


async def test_a_household_that_ended_with_them_lives_on(cadre, chen):
    head, wife = sorted(chen["members"], key=lambda one: one["relation"])
    assert head["relation"] == "02"
    await _dies(cadre, wife, "2024-02-01")
    ended = await _dies(cadre, head, "2024-02-10")
    assert ended["state"] == "dissolved"

    said = _back(head, on="2024-02-10", reason="误报")
    answer = await cadre.post(f"/households/{chen['id']}/return-member", json=said, headers=match(ended))
    assert answer.status_code == 200, answer.text
    lives = answer.json()
    assert (lives["state"], lives["member_count"]) == ("active", 1)
    then = (await cadre.get(f"/households/{chen['id']}", params={"on": "2024-02-10"})).json()
    assert (then["state"], [one["name"] for one in then["members"] if one["state"] == "active"]) == (
        "active",
        ["陈大山"],
    )
