"""A batch of thousands of rows is read in seconds."""

from __future__ import annotations

import time

from sqlalchemy import insert

from chassis.database.metadata import rows
from chassis.identifiers import new_id
from chassis.security.scope import Area
from chassis.testing.programs import VILLAGE
from services.monitoring.households.tables import Household, Person, PersonNumber
from tests.personas import number
from tests.services.monitoring.datasets.department_files import SELF_PAY, fates, xlsx


async def test_three_thousand_rows_are_read_in_a_few_seconds(medical, monitoring, records):
    people = [
        (new_id(), new_id(), f"村民{_letters(at)}", number(serial=at % 499, birth=f"19{60 + at // 499}0101"))
        for at in range(3000)
    ]
    await _register(monitoring, people)
    lines = [[identity, name, "2024-05", f"{at}.00"] for at, (_, _, name, identity) in enumerate(people)]
    content = xlsx(SELF_PAY, *lines)
    begun = time.perf_counter()
    batch = await medical.hand_in(content)
    seconds = time.perf_counter() - begun
    print(f"{len(lines)} rows from POST to read: {seconds:.2f} s")  # noqa: T201  # what it is for
    assert fates(batch) == {"matched": len(lines)}
    assert len(await records(state="in_force")) == len(lines)
    assert seconds < 15


def _letters(at: int) -> str:
    return "".join(chr(0x4E00 + int(digit)) for digit in f"{at:04d}")


async def _register(program, people) -> None:
    index = program.vault.identity_numbers
    today = program.clock.today()
    async with program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(
            insert(rows(Household)),
            [
                {"id": home, "region": VILLAGE, "registration_region": VILLAGE, "is_lifted": False, "risks": [],
                 "is_resettled": False, "member_count": 1, "state": "active", "origin": "registered", "version": 1,
                 "valid_from": today}
                for home, _, _, _ in people
            ],
        )  # fmt: skip
        await connection.execute(
            insert(rows(Person)),
            [
                {"id": person, "region": VILLAGE, "household_id": home, "name": name, "birth_date": today, "sex": "1",
                 "relation": "02", "health": [], "is_left_behind": False, "state": "active", "version": 1,
                 "valid_from": today}
                for home, person, name, _ in people
            ],
        )  # fmt: skip
        await connection.execute(
            insert(rows(PersonNumber)),
            [
                {"blind_index": index.of(identity), "person_id": person, "kind": "current"}
                for _, person, _, identity in people
            ],
        )
