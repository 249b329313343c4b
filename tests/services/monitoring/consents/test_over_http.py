"""A household's word counts for whom, for what and as long as it was given, and no longer once it is taken back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from chassis.audit.tables import audit_entry, audit_read
from chassis.changes.tables import change
from chassis.files.tables import file_hold
from chassis.identifiers import new_id
from chassis.security.scope import Area, Role
from chassis.testing.programs import TOWN, VILLAGE, officer
from services.monitoring.codes.evidence import ConsentPurpose
from services.monitoring.consents.queries.standing import authorised, consents_of
from tests.personas import CHEN, household, number, person
from tests.services.monitoring.answers import reported
from tests.services.monitoring.signed import PNG, authorisation, consented, sheet

OTHER_VILLAGE = 610999101204
CHECK = ConsentPurpose.ECONOMY_CHECK


@pytest.fixture
def cadre(asks):
    return asks(Role.VILLAGE_CADRE, VILLAGE)


@pytest.fixture
async def chen(cadre):
    child = person(name="陈小山", relation="20", identity_number=number("20140101"))
    body = CHEN | {"valid_from": "2024-01-01", "members": [*CHEN["members"], child]}
    return (await cadre.post("/households", json=body)).json()


def _ids(household):
    return {one["name"]: one["id"] for one in household["members"]}


async def _covered(program, household, day, purpose=CHECK):
    async with program.unit(officer()) as unit:
        return await authorised(unit, UUID(household["id"]), purpose, date.fromisoformat(day))


async def _codes(client, household, **changes):
    answer = await client.post(f"/households/{household['id']}/consents", json=authorisation(household, **changes))
    assert answer.status_code == 422, answer.text
    return {(one["pointer"], one["code"]) for one in answer.json()["errors"]}


async def test_an_authorisation_counts_from_its_day_to_its_last_for_its_purpose_and_persons(
    asks, cadre, chen, monitoring
):
    wife = _ids(chen)["李秀兰"]
    made = await consented(cadre, chen, covers=[wife], signed_on="2024-05-10")
    assert (made["signed_on"], made["expires_on"], made["counts"]) == ("2024-05-10", "2025-05-09", True)
    for day, counts in (("2024-05-09", False), ("2024-05-10", True), ("2025-05-09", True), ("2025-05-10", False)):
        assert bool(await _covered(monitoring, chen, day)) is counts, day
    assert await _covered(monitoring, chen, "2024-06-01") == {UUID(wife)}
    assert await _covered(monitoring, chen, "2024-06-01", ConsentPurpose.PUBLICITY) == frozenset()
    await consented(cadre, chen, kind="commitment", purposes=["publicity"])
    assert await _covered(monitoring, chen, "2024-06-03", ConsentPurpose.PUBLICITY) == frozenset(), "no authorisation"
    listed = (await cadre.get(f"/households/{chen['id']}/consents", params={"on": "2024-06-02"})).json()["items"]
    assert [(one["kind"], one["counts"]) for one in listed] == [("commitment", False), ("authorisation", True)]
    only = await cadre.get(f"/households/{chen['id']}/consents", params={"on": "2024-06-02", "counting": "true"})
    assert [one["kind"] for one in only.json()["items"]] == ["authorisation"]


async def test_what_was_withdrawn_counts_no_more_from_that_day(cadre, chen, monitoring):
    made = await consented(cadre, chen, signed_on="2024-05-10")
    url, body = f"/consents/{made['id']}/withdraw", {"on": "2024-06-01", "reason": "本人要求撤回"}
    assert (await cadre.post(url, json=body)).status_code == 428
    early = await cadre.post(url, json=body | {"on": "2024-05-09"}, headers={"If-Match": '"1"'})
    assert [one["code"] for one in early.json()["errors"]] == ["withdrawal_out_of_bounds"]
    done = await cadre.post(url, json=body, headers={"If-Match": '"1"'})
    assert (done.json()["counts"], done.headers["ETag"]) == (False, '"2"')
    assert await _covered(monitoring, chen, "2024-05-31")
    assert await _covered(monitoring, chen, "2024-06-01") == frozenset()
    async with monitoring.unit(officer()) as unit:
        assert await consents_of(unit, UUID(chen["id"]), date(2024, 6, 3)) == []
    again = await cadre.post(url, json={"on": "2024-06-04", "reason": "x"}, headers={"If-Match": '"2"'})
    assert [one["code"] for one in again.json()["errors"]] == ["already_withdrawn", "withdrawal_out_of_bounds"]
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        [entry] = await connection.execute(select(audit_entry).where(audit_entry.c.action == "consent.withdraw"))
        [fed] = await connection.execute(select(change).where(change.c.kind == "consent"))
    assert (entry.reason, entry.fields, fed.version) == ("本人要求撤回", ["withdrawn_on"], 2)


async def test_every_fault_of_a_consent_is_named(cadre, chen):
    ids, stranger = _ids(chen), str(new_id())
    assert await _codes(
        cadre, chen, signed_on="2024-06-04", signed_by=ids["陈小山"], covers=[stranger, ids["陈小山"]], given_by="paper"
    ) == {
        ("/signed_on", "in_the_future"),
        ("/signed_by", "guardian_needed"),
        ("/covers/0", "not_a_member"),
        ("/file_id", "sheet_missing"),
    }
    assert await _codes(cadre, chen, given_by="telephone", expires_on="2026-06-03", signed_by=stranger) == {
        ("/expires_on", "expiry_out_of_bounds"),
        ("/signed_by", "not_a_member"),
        ("/witness_name", "witness_missing"),
    }


async def test_a_paper_sheet_is_kept_and_shown_to_who_works_with_the_family_and_the_read_is_audited(
    asks, cadre, chen, monitoring
):
    town = asks(Role.TOWN_OFFICER, TOWN)
    made = await consented(town, chen, given_by="paper", file_id=await sheet(town))
    assert made["has_sheet"] is True
    seen = await cadre.get(f"/consents/{made['id']}/sheet")
    assert (seen.status_code, seen.content, seen.headers["content-type"]) == (200, PNG, "image/png")
    assert (await asks(Role.AUDITOR).get(f"/consents/{made['id']}/sheet")).status_code == 403
    async with monitoring.database.transaction(Area.everywhere()) as connection:
        held = (await connection.execute(select(file_hold.c.holder, file_hold.c.holder_id))).all()
        read = (await connection.scalars(select(audit_read.c.entity_id))).all()
    assert held == [("consent", UUID(made["id"]))]
    assert read == [UUID(made["id"])]
    stolen = await cadre.post(
        f"/households/{chen['id']}/consents", json=authorisation(chen, given_by="paper", file_id=await sheet(town))
    )
    assert stolen.status_code == 404, "a sheet that somebody else uploaded"
    bare = await consented(cadre, chen)
    assert (await cadre.get(f"/consents/{bare['id']}/sheet")).status_code == 404


async def test_who_cannot_write_is_helped_and_who_is_away_is_marked_with_names_for_case_roles_alone(asks, cadre, chen):
    helper = {"name": "王强", "relation": "邻居"}
    made = await consented(cadre, chen, given_by="video", witness_name="赵敏", helper=helper)
    assert (made["given_by"], made["witness_name"], made["helper_name"]) == ("video", "赵敏", "王强")
    masked = (await asks(Role.AUDITOR).get(f"/consents/{made['id']}")).json()
    assert (masked["witness_name"], masked["helper_name"], masked["helper_relation"]) == ("赵*", "王*", "邻居")


async def test_a_neighbour_finds_no_consent_and_a_department_has_no_right_to_ask(asks, cadre, chen):
    made = await consented(cadre, chen)
    stranger = asks(Role.VILLAGE_CADRE, OTHER_VILLAGE)
    for url in (f"/consents/{made['id']}", f"/consents/{made['id']}/sheet", f"/households/{chen['id']}/consents"):
        assert (await stranger.get(url)).status_code == 404, url
    assert (await stranger.post(f"/households/{chen['id']}/consents", json=authorisation(chen))).status_code == 404
    clerk = asks(Role.DEPARTMENT_CLERK, department="civil")
    assert (await clerk.get(f"/consents/{made['id']}")).status_code == 403


async def test_a_consent_taken_without_a_network_takes_effect_once(cadre, chen):
    operation = {
        "op_id": str(new_id()),
        "kind": "consent.record",
        "entity_id": chen["id"],
        "base_version": None,
        "recorded_at": "2024-06-03T07:30:00+08:00",
        "payload": authorisation(chen),
    }
    ends = []
    for _ in range(2):
        answer = (await cadre.post("/operations", json={"operations": [operation]})).json()
        ends += [one["outcome"] for one in answer["results"]]
    assert ends == ["applied", "duplicate"]
    listed = (await cadre.get(f"/households/{chen['id']}/consents")).json()["items"]
    assert [one["id"] for one in listed] == [operation["op_id"]]


async def test_a_consent_is_of_no_case_of_another_household(asks, cadre, chen):
    other = (await cadre.post("/households", json=household(valid_from="2024-01-01"))).json()
    case = await reported(cadre, asks(), other)
    for wrong in (case["id"], str(new_id())):
        assert await _codes(cadre, chen, case_id=wrong) == {("/case_id", "other_case")}
    assert (await consented(cadre, other, case_id=case["id"]))["case_id"] == case["id"]


async def test_an_id_that_was_used_says_so_and_quotes_nothing(cadre, chen):
    body = authorisation(chen, id=str(new_id()))
    where = f"/households/{chen['id']}/consents"
    assert (await cadre.post(where, json=body)).status_code == 201
    again = await cadre.post(where, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert [(one["pointer"], one["code"]) for one in again.json()["errors"]] == [("/id", "id_taken")]
    assert body["id"] not in again.text
