"""What is due to monitored households goes by the days for which they were monitored, not by what they are now."""

from __future__ import annotations

from datetime import date

from services.monitoring.registers.thresholds import LIVING_CLASSES
from tests.services.monitoring.monitored import tell_monitoring
from tests.services.monitoring.registers.conftest import decreed
from tests.services.monitoring.registers.rows import aid_of, certified, paid_aid, pupil, stay

ORDINARY = {"is_lifted": False, "lifted_year": None}


async def years(county, register: str, home, *names: str):
    return {one["holds_from"][:4]: [one[name] for name in names] for one in await county.facts(register, **home)}


async def test_the_tilt_counts_for_the_years_in_which_a_household_was_monitored(county):
    new, out, mistaken = [await county.family() for _ in range(3)]
    await tell_monitoring(county.program, new["id"], "2", "07", registered_on="2024-01-01")
    await tell_monitoring(county.program, out["id"], "2", "07", registered_on="2022-12-31", eliminated_on="2024-01-01")
    # Another day of registration replaces the first, which nothing ended.
    await tell_monitoring(county.program, mistaken["id"], "2", "07", registered_on="2023-05-20")
    await tell_monitoring(county.program, mistaken["id"], "2", "07", registered_on="2024-05-20")
    for home in (new, out, mistaken):
        for year in (2022, 2023, 2024):
            await stay(county, home, f"{year}", 60_000, 20_000, 26_000, 0, date(year, 5, 10))
    await county.feed("medical.settlements")
    told = [await years(county, "medical_year", {"household_id": home["id"]}, "is_favoured") for home in
            (new, out, mistaken)]  # fmt: skip
    assert told == [
        {"2022": [False], "2023": [False], "2024": [True]},
        {"2022": [True], "2023": [True], "2024": [False]},
        {"2022": [False], "2023": [False], "2024": [True]},
    ]


async def test_contributions_are_due_for_the_years_of_monitoring_and_stay_so_after_the_elimination(county):
    home, back = [await county.family() for _ in range(2)]
    await tell_monitoring(county.program, home["id"], "2", "07", registered_on="2023-03-01", eliminated_on="2024-04-18")
    await tell_monitoring(county.program, back["id"], "1", "08", registered_on="2022-06-01", eliminated_on="2022-12-31")
    await tell_monitoring(county.program, back["id"], "1", "08", registered_on="2024-02-01")
    await county.says(
        "medical.contribution_aid", home["members"][0], home, date(2024, 1, 5), payment_no="1", insured_year=2024,
        paid_fen=10_000,
    )  # fmt: skip
    await county.sweep()
    due, received = "due_fen", "received_fen"
    assert await years(county, "insurance_aid", {"household_id": home["id"]}, due, received) == {
        "2023": ["100.00", "0.00"],
        "2024": ["100.00", "100.00"],
    }
    assert await years(county, "pension_contribution", {"household_id": home["id"]}, due) == {
        "2023": ["100.00"],
        "2024": ["100.00"],
    }
    assert set(await years(county, "insurance_aid", {"household_id": back["id"]}, due)) == {"2022", "2024"}


async def test_a_pupil_keeps_what_was_due_for_a_school_year_in_which_the_household_was_monitored(county, monitoring):
    """Eliminated on the last day of October, the family is due nothing for the next school year."""
    home = await pupil(county, **ORDINARY)
    await tell_monitoring(county.program, home["id"], "2", "02", registered_on="2024-05-20")
    await paid_aid(county, home, 625, "a")
    await county.sweep()
    first = await aid_of(county, home)
    monitoring.clock.move(days=150)  # 31 October
    await tell_monitoring(county.program, home["id"], "2", "02", registered_on="2024-05-20", eliminated_on="2024-10-31")
    await county.sweep()
    assert await years(county, "student_aid", {"household_id": home["id"]}, "due_fen", "received_fen") == {
        "2023": ["625.00", "625.00"],
        "2024": ["625.00", "0.00"],
    }
    monitoring.clock.move(days=310)  # 6 September 2025
    await county.sweep()
    told = await years(county, "student_aid", {"household_id": home["id"]}, "due_fen", "received_fen")
    assert told == {"2023": ["625.00", "625.00"], "2024": ["625.00", "0.00"]}
    assert first["id"] in {one["id"] for one in await county.facts("student_aid", household_id=home["id"])}


async def test_a_living_allowance_by_the_household_is_due_for_the_months_of_monitoring(county, asks):
    await decreed(asks, LIVING_CLASSES, {"type": "list", "value": ["subsistence", "monitored"]})
    home = await county.family()
    await certified(county, home, 2)
    await tell_monitoring(county.program, home["id"], "2", "03", registered_on="2023-01-10", eliminated_on="2024-06-01")
    await county.feed("disability.certificates")
    living = [one["holds_from"] for one in await county.facts("disability_benefit") if one["kind"] == "living"]
    assert living == ["2024-05-01"]
