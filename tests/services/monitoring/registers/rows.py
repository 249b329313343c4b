"""What departments say of stays, certificates and students, for tests of several registers."""

from __future__ import annotations

from datetime import date

from tests.personas import number, person

APRIL, MAY = date(2024, 4, 20), date(2024, 5, 10)


async def stay(county, home, no: str, in_policy: int, basic: int, serious: int, aid: int, on: date = MAY):
    return await county.says(
        "medical.settlements", home["members"][0], home, on, stay_no=no, in_policy_fen=in_policy * 100,
        basic_paid_fen=basic * 100, serious_paid_fen=serious * 100, aid_paid_fen=aid * 100,
    )  # fmt: skip


async def certified(county, home, level: int, *, member: int = 0, on: date = date(2023, 1, 1)):
    someone = home["members"][member]
    return await county.says("disability.certificates", someone, home, on, certificate_no="1", disability_level=level)


async def pupil(county, stage: str = "junior_high_2", **home):
    made = await county.family(
        person(),
        person(name="王小雨", identity_number=number("20100412"), relation="20", labour_skill=None, school_stage=stage),
        **{"is_lifted": True, "lifted_year": 2019} | home,
    )
    made["pupil"] = next(one for one in made["members"] if one["name"] == "王小雨")
    return made


async def paid_aid(county, home, yuan: int, no: str, **more):
    said = {"payment_no": no, "school_year": 2023, "aid_paid_fen": yuan * 100} | more
    return await county.says("education.aid", home["pupil"], home, APRIL, **said)


async def aid_of(county, home) -> dict:
    [fact] = [
        one for one in await county.facts("student_aid", person_id=home["pupil"]["id"]) if one["holds_to"] > "2024"
    ]
    return fact
