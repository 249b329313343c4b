"""Who paid a contribution is kept for each insured person and year, shown, exported, and must add up to it (H-31)."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from chassis.security.scope import Role
from chassis.testing.programs import TOWN

MEDICAL = "medical.contributions"
POVERTY = "finance.poverty_insurance"
PAYERS = ("individual_fen", "government_fen", "collective_fen", "enterprise_fen", "society_fen")
PAID = date(2024, 1, 5)


async def contributed(county, home, *, on=PAID, **said):
    row = {"voucher_no": "1", "insured_year": 2024, "contribution_fen": 38_000} | said
    await county.says(POVERTY if "insurance_kind" in said else MEDICAL, home["members"][0], home, on, **row)


async def test_each_payers_part_is_kept_by_person_and_year_for_medical_and_the_insurances_against_poverty(county):
    home = await county.family()
    await contributed(county, home, individual_fen=19_000, government_fen=15_000, collective_fen=4_000)
    house = {"insurance_kind": "house", "contribution_fen": 5_000, "enterprise_fen": 2_000, "society_fen": 3_000}
    await contributed(county, home, **house)
    await contributed(county, home, insured_year=2023, individual_fen=38_000)
    await county.feed(MEDICAL)
    now = {one["insurance"]: one for one in await county.facts("insurance_contribution", on="2024-06-03")}
    told = {kind: (one["contribution_fen"], *(one[name] for name in PAYERS)) for kind, one in now.items()}
    assert told == {
        "basic_medical": ("380.00", "190.00", "150.00", "40.00", "0.00", "0.00"),
        "house": ("50.00", "0.00", "0.00", "0.00", "20.00", "30.00"),
    }
    assert all((one["holds_from"], one["holds_to"]) == ("2024-01-01", "2024-12-31") for one in now.values())
    assert all((one["source"], one["findings"]) == ("department", []) for one in now.values())
    [before] = await county.facts("insurance_contribution", on="2023-12-31")
    assert (before["individual_fen"], before["government_fen"]) == ("380.00", "0.00")


@pytest.mark.parametrize(
    ("said", "code", "duty"),
    [
        ({}, "medical_payers_differ", "medical"),
        ({"insurance_kind": "injury"}, "poverty_payers_differ", "finance"),
    ],
)
async def test_payers_that_do_not_add_up_are_a_finding_of_who_handed_it_in_until_the_row_is_put_right(
    county, said, code, duty
):
    home = await county.family()
    dataset = POVERTY if said else MEDICAL
    await contributed(county, home, individual_fen=19_000, government_fen=18_999, **said)
    await county.feed(dataset)
    [finding] = await county.findings(duty=duty)
    assert (finding["code"], finding["register_code"]) == (code, "insurance_contribution")
    await contributed(county, home, on=date(2024, 1, 6), individual_fen=19_000, government_fen=19_000, **said)
    await county.feed(dataset)
    [fact] = await county.facts("insurance_contribution")
    assert (fact["government_fen"], fact["findings"], await county.findings(duty=duty)) == ("190.00", [], [])


async def test_the_file_of_the_register_says_who_paid(county, asks):
    home = await county.family()
    await contributed(county, home, individual_fen=19_000, government_fen=19_000)
    await county.feed(MEDICAL)
    reader = asks(Role.TOWN_OFFICER, TOWN)
    answer = await reader.get("/registers/insurance_contribution/export", params={"format": "csv"})
    assert answer.status_code == 200, answer.text
    [row] = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert [row[name] for name in ("insurance", "contribution_fen", *PAYERS)] == [
        "basic_medical", "380.00", "190.00", "190.00", "0.00", "0.00", "0.00",
    ]  # fmt: skip
