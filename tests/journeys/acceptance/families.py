"""The three families of 松坪村 and what they earned and paid (clause G)."""

from __future__ import annotations

from typing import Any

from tests.personas import household, number, person
from tests.services.monitoring.cases.village import Officials, made
from tests.services.monitoring.income.statements import EXIT, recorded

LI = "610999197608053028"
CHEN_DA_SHAN = {
    "valid_from": "2023-01-01",
    "is_lifted": True,
    "lifted_year": 2018,
    "members": [
        person(name="陈大山", identity_number="610999197403123010", relation="02"),
        person(name="李秀兰", identity_number=LI, relation="12", labour_skill="weak"),
        person(name="陈小河", identity_number="610999200609183013", relation="20", school_stage="vocational_2"),
        person(name="陈小雨", identity_number="610999201302273043", relation="30", labour_skill="none"),
        person(
            name="陈老汉", identity_number="610999194801013059", relation="51", labour_skill="none",
            disability_number="61099919480101305942",
        ),
    ],
}  # fmt: skip
"""Household A: lifted in 2018, five people, the wife in hospital, a son at vocational school, a disabled father."""

B = {
    "valid_from": "2023-01-01",
    "members": [person(name="赵有田", relation="02"), *(person(relation="20") for _ in range(3))],
}
"""Household B: ordinary, four people, out of steady work."""

C = {
    "valid_from": "2023-01-01",
    "is_lifted": True,
    "lifted_year": 2018,
    "members": [
        person(name="孙德福", relation="02", identity_number=number("19520101"), labour_skill="none"),
        person(name="周桂香", relation="12", identity_number=number("19500101", male=False), labour_skill="none"),
    ],
}
"""Household C: lifted, two people of 72 and 74, nobody who can work."""

B_EARNED = [("wage.outside_work", "30800.00", "2024-01")]
C_EARNED = [("transfer.pension", "13800.00", "2024-01")]
HARVEST_2022 = [("operating_income.crops", "15000.00", "2022-11")]
"""What household A sold before the twelve months that decide, so that its year of 2023 lay above the line."""

JUNE = [("transfer.relief", "6000.00", "2024-06"), ("claims.other", "5000.00", "2024-06")]
"""Emergency aid and the insurance claim of June 2024: inside no window of the story."""

A_LATER = [line for line in EXIT if line[0].split(".")[0] != "wage" and line[0] != "property.asset_dividend"]
"""What the cadre records of household A at its exit; wages and the dividend are told by other services."""


async def at_home(them: Officials, family: dict[str, Any], *earned: tuple[str, str, str]) -> dict[str, Any]:
    """A family in the registry, with its income lines."""
    home: dict[str, Any] = made(await them.cadre.post("/households", json=household(region=str(them.village)) | family))
    if earned:
        await recorded(them.cadre, home["id"], *earned)
    return home


def member(home: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in home["members"] if one["name"] == name)
    return found
