"""The acceptance household and what it earned, as a cadre hands it in."""

from __future__ import annotations

from tests.personas import CHEN, person

FIVE = CHEN | {
    "valid_from": "2023-01-01",
    "members": [*CHEN["members"], person(relation="20"), person(relation="30"), person(relation="51")],
}

ENTRY = [
    ("wage.outside_work", "25200.00", "2023-06"),
    ("operating_income.crops", "7800.00", "2023-10"),
    ("operating_income.livestock", "5000.00", "2024-05"),
    ("property.land_transfer", "1200.00", "2023-12"),
    ("transfer.pension", "6400.00", "2024-01"),
    ("operating_expense.crops", "5600.00", "2024-03"),
    ("self_pay.medical", "20000.00", "2024-05"),
]

EXIT = [
    ("wage.outside_work", "33600.00", "2024-07"),
    ("wage.village_post", "3600.00", "2025-01"),
    ("operating_income.crops", "13500.00", "2024-10"),
    ("property.asset_dividend", "730.00", "2025-01"),
    ("property.land_transfer", "700.00", "2024-12"),
    ("transfer.pension", "6400.00", "2025-01"),
    ("transfer.education", "3000.00", "2024-09"),
    ("operating_expense.crops", "5300.00", "2025-03"),
    ("self_pay.medical", "3230.00", "2025-06"),
]


def lines(*said):
    return {
        "lines": [
            {"kind": kind, "amount": amount, "month": month, "source": "入户核算"} for kind, amount, month in said
        ]
    }


async def recorded(client, household_id, *said):
    answer = await client.post(f"/households/{household_id}/income-statements", json=lines(*said))
    assert answer.status_code == 201, answer.text
    return answer.json()["lines"]


async def registered(client, body=FIVE):
    answer = await client.post("/households", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]
