"""A county that gets another code keeps the numbers, lines and rules that it set, and its departments' records."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from chassis.changes.tables import change
from chassis.parameters.tables import parameter
from chassis.security.scope import Area, Role
from chassis.testing.programs import COUNTY, TOWN, VILLAGE
from services.monitoring.clues.rules import MEDIUM_DUE_KEY
from services.monitoring.datasets.tables import DepartmentRecord
from services.monitoring.lines.tables import LineRow
from services.monitoring.screening.seeding import seed_screening
from services.monitoring.screening.tables import RuleVersion
from tests.personas import CHEN
from tests.services.monitoring.lines.county_lines import INCOME_2023, hold
from tests.services.monitoring.regions.loading import OTHER_TOWN, load, merger
from tests.services.monitoring.screening import county_data
from tests.services.monitoring.screening.drafts import DRAFT

NEW_COUNTY = 610997000000
PROVINCE = 610000000000
DUE = {"key": MEDIUM_DUE_KEY, "effective_from": "2024-01-01", "value": {"type": "integer", "value": 5}, "source": "文"}


async def set_due(asks, scope):
    proposed = await asks().post("/parameters", json=DUE | {"scope": str(scope)})
    headers = {"If-Match": proposed.headers["etag"]}
    assert (await asks().post(f"/parameters/{proposed.json()['id']}/approve", headers=headers)).status_code == 200
    return proposed.json()["id"]


@pytest.fixture
async def recoded(asks, monitoring):
    await seed_screening(monitoring)
    await load(asks())
    household = (await asks().post("/households", json=CHEN | {"valid_from": "2024-01-01"})).json()
    await county_data.record(
        monitoring, "medical.stays", household["members"][0], household["id"], date(2024, 5, 1), stay_self_pay_fen=1
    )
    due, town_due = await set_due(asks, COUNTY), await set_due(asks, TOWN)
    line = await hold(asks(), asks(), INCOME_2023)
    draft = await asks().post("/rules/R01/drafts", json=DRAFT)
    step = {
        "predecessor": str(COUNTY), "successor": str(NEW_COUNTY), "kind": "recoded", "successor_name": "云岭市",
    }  # fmt: skip
    province = asks(Role.PROVINCE_OFFICER, PROVINCE)
    answer = await province.post("/regions/successions", json=merger(successions=[step]))
    assert answer.status_code == 200, answer.text
    return {
        "household": household["id"], "due": due, "town_due": town_due, "line": line.json()["id"],
        "draft": draft.json()["version"],
    }  # fmt: skip


async def test_what_a_county_set_holds_on_under_its_new_code(asks, monitoring, recoded):
    scopes = {str(row.id): row.scope for row in await of(monitoring, parameter) if row.scope}
    assert scopes == {recoded["due"]: NEW_COUNTY, recoded["town_due"]: 610997101000}
    assert [(str(row.id), row.scope) for row in await county_data.everything(monitoring, LineRow)] == [
        (recoded["line"], NEW_COUNTY)
    ]
    own = [row for row in await county_data.everything(monitoring, RuleVersion) if row.version == recoded["draft"]]
    assert [row.scope for row in own] == [NEW_COUNTY]
    [record] = await county_data.everything(monitoring, DepartmentRecord)
    assert (record.county, record.region) == (NEW_COUNTY, 610997101203)


async def test_what_was_before_is_read_by_those_who_answer_for_the_new_code(asks, recoded):
    where = f"/households/{recoded['household']}"
    then = {"on": "2024-05-31"}
    readers = [
        asks(Role.COUNTY_OFFICER, NEW_COUNTY),
        asks(Role.TOWN_OFFICER, 610997101000),
        asks(Role.VILLAGE_CADRE, 610997101203),
        asks(Role.PROVINCE_OFFICER, PROVINCE),
    ]
    for reader in readers:
        before = await reader.get(where, params=then)
        assert before.status_code == 200, before.text
        assert (before.json()["region"], before.json()["member_count"]) == (str(VILLAGE), 2)
        versions = (await reader.get(f"{where}/history")).json()["items"]
        assert [(one["version"], one["region"]) for one in versions] == [(1, str(VILLAGE)), (2, "610997101203")]
        [person, _] = before.json()["members"]
        assert (await reader.get(f"/persons/{person['id']}", params=then)).json()["region"] == str(VILLAGE)
    stranger = asks(Role.VILLAGE_CADRE, 610997101204)
    assert (await stranger.get(where, params=then)).status_code == 404
    assert (await stranger.get(f"{where}/history")).status_code == 404


async def test_a_cached_number_is_read_again_under_the_new_code(asks, monitoring, recoded):
    cadre = asks(Role.VILLAGE_CADRE, 610997101203)
    report = {"household_id": recoded["household"], "risk": "01", "description": "住院"}
    assert (await cadre.post("/reports", json=report)).status_code == 201
    [clue] = (await cadre.get("/clues")).json()["items"]
    assert clue["due_at"] == "2024-06-08T15:59:59Z"
    read = await asks(Role.COUNTY_OFFICER, NEW_COUNTY).get(f"/parameters/{recoded['due']}")
    assert read.json()["scope"] == str(NEW_COUNTY)


async def test_the_change_feed_shows_a_carried_number_there_and_gone_here(monitoring, recoded):
    feed = [row for row in await of(monitoring, change) if str(row.id) == recoded["line"]]
    assert {(row.region, row.deleted) for row in feed} == {(COUNTY, True), (NEW_COUNTY, False)}


async def test_a_merged_towns_numbers_do_not_become_its_successors(asks, monitoring):
    await load(asks())
    due = await set_due(asks, TOWN)
    step = {"predecessor": str(TOWN), "successor": str(OTHER_TOWN), "kind": "merged"}
    village = {"predecessor": str(VILLAGE), "successor": "610999102203", "kind": "recoded", "successor_name": "松坪村"}
    answer = await asks().post("/regions/successions", json=merger(successions=[step, village]))
    assert answer.status_code == 200, answer.text
    assert {str(row.id): row.scope for row in await of(monitoring, parameter) if row.scope} == {due: TOWN}


async def of(program, table):
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(select(table))).all()
