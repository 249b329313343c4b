"""A later batch replaces what it revises; what is withdrawn gives way to what others say; late ones count too."""

from __future__ import annotations

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import COUNTY
from tests.personas import number
from tests.services.monitoring.datasets.department_files import (
    BAD_ROW,
    CHEN_ROW,
    LI_ROW,
    MAI_ID,
    SELF_PAY,
    codes,
    csv,
    fates,
)
from tests.services.monitoring.regions.loading import load, merger


async def test_a_later_batch_replaces_what_it_revises_and_repeats_nothing(medical, records):
    first = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW))
    second = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, [*LI_ROW[:3], "21000.00"]))
    assert fates(second) == {"duplicate": 1, "matched": 1}
    [double] = await medical.rows(second, fate="duplicate")
    assert codes(double) == ["already_in_force"]
    assert [(row.payload["self_pay_fen"], row.state) for row in await records()] == [
        (520000, "in_force"),
        (2000000, "superseded"),
        (2100000, "in_force"),
    ]
    answer = await medical.withdraw(second)
    assert (answer.status_code, answer.json()["state"]) == (200, "withdrawn")
    assert [row.payload["self_pay_fen"] for row in await records(state="in_force")] == [520000, 2000000]
    assert {str(row.submission_id) for row in await records(state="in_force")} == {first["id"]}
    stale = await medical.withdraw(second)
    assert stale.status_code == 412
    again = await medical.withdraw(answer.json())
    assert (again.status_code, again.json()["code"]) == (409, "submission_not_read")
    back = await medical.send(csv(SELF_PAY, CHEN_ROW, [*LI_ROW[:3], "21000.00"]))
    assert back.status_code == 202, "what was withdrawn may be handed in again"


@pytest.mark.parametrize("read_between", [True, False], ids=["a revision that was read", "one that waits"])
async def test_a_file_sent_again_after_a_revision_revises_it_and_only_once(medical, records, read_between):
    content, other = csv(SELF_PAY, CHEN_ROW, LI_ROW), csv(SELF_PAY, [*LI_ROW[:3], "21000.00"])
    first = await medical.hand_in(content)
    if read_between:
        second = await medical.hand_in(other)
    else:
        second = (await medical.send(other)).json()["submission"]
    third = await medical.hand_in(content)
    assert third["id"] not in {first["id"], second["id"]}
    assert fates(third) == {"duplicate": 1, "matched": 1}
    assert [row.payload["self_pay_fen"] for row in await records(state="in_force")] == [520000, 2000000]
    again = await medical.send(content)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    assert again.json()["submission"]["id"] == third["id"]
    assert (await medical.withdraw(third)).status_code == 200
    assert [row.payload["self_pay_fen"] for row in await records(state="in_force")] == [520000, 2100000]
    assert (await medical.hand_in(content))["id"] not in {first["id"], second["id"], third["id"]}


async def test_a_file_that_only_repeated_another_counts_again_after_a_revision(medical, records):
    await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW))
    content = csv(SELF_PAY, LI_ROW)
    repeats = await medical.hand_in(content)
    await medical.hand_in(csv(SELF_PAY, [*LI_ROW[:3], "21000.00"]))
    again = await medical.hand_in(content)
    assert (again["id"] != repeats["id"], fates(again)) == (True, {"matched": 1})
    assert [row.payload["self_pay_fen"] for row in await records(state="in_force")] == [520000, 2000000]


async def test_a_county_with_another_code_revises_what_it_handed_in_under_the_old_one(medical, office, asks, records):
    await load(asks())
    await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW))
    step = {"predecessor": str(COUNTY), "successor": "610997000000", "kind": "recoded", "successor_name": "云岭市"}
    province = asks(Role.PROVINCE_OFFICER, 610000000000)
    assert (await province.post("/regions/successions", json=merger(successions=[step]))).status_code == 200
    clerk = office(region=610997000000)
    batch = await clerk.hand_in(csv(SELF_PAY, CHEN_ROW, [*LI_ROW[:3], "21000.00"]))
    assert fates(batch) == {"duplicate": 1, "matched": 1}
    assert [row.payload["self_pay_fen"] for row in await records(state="in_force")] == [520000, 2100000]
    assert (await clerk.withdraw(batch)).status_code == 200
    assert [row.payload["self_pay_fen"] for row in await records(state="in_force")] == [520000, 2000000]


async def test_what_a_second_batch_says_too_stays_in_force_when_the_first_is_withdrawn(medical, asks, records):
    first = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, LI_ROW))
    second = await medical.hand_in(csv(SELF_PAY, LI_ROW))
    third = await medical.hand_in(csv(SELF_PAY, [*LI_ROW[:3], "21000.00"]))
    before = await records(state="superseded")
    assert (fates(second), fates(third)) == ({"duplicate": 1}, {"matched": 1})
    assert (await medical.withdraw(await medical.batch(first["id"]))).status_code == 200
    assert (await medical.withdraw(await medical.batch(third["id"]))).status_code == 200
    # Nobody says 陈大山's amount any more; 李秀兰's is the second batch's now, and the very same record as before.
    [standing] = await records(state="in_force")
    assert (str(standing.submission_id), standing.payload["self_pay_fen"], standing.id) == (
        second["id"],
        2_000_000,
        before[0].id,
    )
    [row] = await medical.rows(second)
    assert (row["fate"], row["reasons"], row["record_id"]) == ("matched", [], str(standing.id))
    assert fates(await medical.batch(second["id"])) == {"matched": 1}
    sheet = await asks().get("/reconciliation", params={"department": "medical", "period": "2024-05"})
    assert (sheet.json()["total"]["matched"], sheet.json()["balanced"]) == (1, True)
    assert (await medical.withdraw(await medical.batch(second["id"]))).status_code == 200
    assert await records(state="in_force") == []


async def test_a_file_after_the_period_closed_is_late_and_still_counts(medical, asks, records):
    path = "/datasets/medical.annual_self_pay/periods/2024-05"
    officer = asks()
    days = {"opens_on": "2024-05-25", "closes_on": "2024-06-02"}
    assert (await medical.client.put(path, json=days)).status_code == 403
    assert (await officer.put(path, json=days)).json()["closes_on"] == "2024-06-02"
    assert (await officer.put(path, json=days)).status_code == 428
    batch = await medical.hand_in(csv(SELF_PAY, CHEN_ROW, [number(), "无此人", "2024-05", 1], BAD_ROW))
    assert batch["is_late"] is True
    assert fates(batch) == {"late": 2, "rejected": 1}
    assert [row["judgement"] for row in await medical.rows(batch, fate="late")] == ["matched", "unmatched"]
    assert [row["fate"] for row in await medical.rows(batch, judgement="unmatched")] == ["late"], "a clerk finds them"
    assert len(await records(state="in_force")) == 1
    moved = await officer.put(path, json=days | {"closes_on": "2024-06-10"}, headers={"If-Match": '"1"'})
    assert moved.status_code == 200, moved.text
    assert fates(await medical.hand_in(csv(SELF_PAY, LI_ROW))) == {"matched": 1}
    assert (await officer.post(f"{path}/close", headers={"If-Match": '"2"'})).json()["closed_at"]
    after = await medical.hand_in(csv(SELF_PAY, [MAI_ID, "阿依古丽·买买提", "2024-05", 1]))
    assert fates(after) == {"late": 1}
