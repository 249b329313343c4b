"""Persons of a low-income class."""

from __future__ import annotations

from datetime import date


async def of_class(county, home, low_income_class: str, on: date = date(2023, 1, 1), *, member: int = 0, **payload):
    said = {"low_income_class": low_income_class} | payload
    return await county.says("civil.low_income", home["members"][member], home, on, **said)
