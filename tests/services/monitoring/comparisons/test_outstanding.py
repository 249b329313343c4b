"""What a case still waits for: silence after the due, closing, and requests that follow their household."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from chassis.identifiers import new_id
from chassis.security.scope import Role
from chassis.testing.programs import VILLAGE, officer
from services.monitoring.comparisons.actions.close import close_requests
from services.monitoring.comparisons.queries.requests import outstanding, requests_of
from services.monitoring.households.actions.follow import everything_follows
from tests.personas import household
from tests.services.monitoring.comparisons.asking import answer_request, codes, read_request, waiting
from tests.services.monitoring.comparisons.conftest import DUE
from tests.services.monitoring.signed import consented


async def test_silence_is_recorded_after_the_due_and_not_before(chen, opened, clerk, asks, monitoring):
    case = new_id()
    await opened(chen, case, departments={"civil"})
    county_officer = asks()
    [row] = await waiting(county_officer)
    url, match = f"/comparison-requests/{row['id']}/record-silence", {"If-Match": '"1"'}
    early = await county_officer.post(url, headers=match)
    assert (early.status_code, codes(early)) == (409, ["not_due_yet"])
    assert "2024-06-07" in early.json()["errors"][0]["message"]
    monitoring.clock.move(days=5)
    assert [one["id"] for one in await waiting(county_officer, overdue="true")] == [row["id"]]
    async with monitoring.unit(officer()) as unit:
        [late] = (await outstanding(unit, [case]))[case]
    assert (late.department, late.due_at, late.state) == ("civil", DUE, "overdue")
    assert (await clerk("civil").post(url, headers=match)).status_code == 403
    done = await county_officer.post(url, headers=match)
    assert (done.status_code, done.json()["state"]) == (200, "not_answered")
    async with monitoring.unit(officer()) as unit:
        assert await outstanding(unit, [case]) == {case: []}
    assert codes(await answer_request(clerk("civil"), done.json(), rest="as_known")) == ["not_open"]


async def test_outstanding_and_closing_go_by_case(chen, cadre, opened, monitoring):
    first, second, none = new_id(), new_id(), new_id()
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    await consented(cadre, other)
    await opened(chen, first, departments={"civil", "medical"})
    await opened(other, second, departments={"civil"})
    async with monitoring.unit(officer()) as unit:
        found = await outstanding(unit, [first, second, none])
        assert {case: [(one.department, one.state) for one in listed] for case, listed in found.items()} == {
            first: [("civil", "open"), ("medical", "open")],
            second: [("civil", "open")],
            none: [],
        }
        assert await close_requests(unit, [first], "农户放弃申请") == 2
        assert await close_requests(unit, [first], "农户放弃申请") == 0
        listed = (await requests_of(unit, [first]))[first]
    assert {(row.state, row.closed_reason, row.version) for row in listed} == {("closed", "农户放弃申请", 2)}


async def test_requests_follow_a_household_that_moved(chen, opened, asks, monitoring):
    await opened(chen, departments={"civil"})
    [row] = await waiting(asks(Role.VILLAGE_CADRE, VILLAGE))
    async with monitoring.unit(officer()) as unit:
        await unit.connection.execute(text("UPDATE household SET region = 610999102201"))
        await everything_follows(unit, [UUID(chen["id"])])
    assert await waiting(asks(Role.VILLAGE_CADRE, VILLAGE)) == []
    there = asks(Role.VILLAGE_CADRE, 610999102201)
    read = await read_request(there, row["id"])
    assert (read["region"], read["version"], bool(read["items"])) == ("610999102201", 2, True)
    assert len((await there.get(f"/households/{chen['id']}/consents")).json()["items"]) == 1
