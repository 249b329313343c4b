"""One case in each state of its way, so that every step has something to be asked about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from chassis.security.scope import Area
from chassis.testing.programs import VILLAGE
from tests.personas import person
from tests.services.monitoring.signed import ITEMS, PNG, authorisation, filled

DAYS = 14
"""For how many days before the world's own day the cases have been on their way."""
STATES = (
    "sent_back", "dispatched", "seen", "verified", "compared", "reviewed", "hanging", "objected", "passed", "returned",
    "at_county", "approved", "registered", "gone",
)  # fmt: skip
"""What the cases are called in the world; each has come as far as its name says."""
_ANSWERED = text(
    "UPDATE comparison_request SET state = 'answered', ended_by = 'test', ended_at = asked_on WHERE state = 'open'"
    " AND case_id = ANY(CAST(:cases AS uuid[]))"
)
LEAVING = {"leaving": "measures_active", "leaving_county": "elim_county", "left": "eliminated"}
"""Cases on their way out → their state; as if they had been registered half a year before."""
_LEAVES = text(
    """
    INSERT INTO monitoring_case (id, region, household_id, state, origin, day_0, urgent, plan, step_count,
                                 shock_verified, risks, registered_on, monitoring_type, basis, eliminated_on,
                                 elimination_mode, version)
    SELECT uuidv7(), region, id, :state, 'clue', DATE '2023-09-01', false, '{}', 0, false, ARRAY['02'],
           DATE '2023-09-15', '3', 'shock', CASE WHEN :state = 'eliminated' THEN DATE '2024-05-20' END, 'helped', 1
    FROM household WHERE id = :household RETURNING id
    """
)
_VISITED = {"summary": "家中有人住院", "risks": ["02"], "shock_verified": True}


async def make_cases(maker: Any, world: Any) -> None:
    """Every case, made on the days before; the clock ends where it was."""
    maker.service.program.clock.move(days=-DAYS)
    cases = {}
    for name in STATES:
        home = await maker.household(person(), valid_from="2024-01-01")
        cases[name] = await _dispatched(maker, home)
        for kind in ({}, {"kind": "commitment", "purposes": ["monitoring"]}):
            await maker.post(f"/households/{home['id']}/consents", authorisation(home, **kind))
        if name == "gone":
            away = {"on": "2024-05-20", "reason": "外迁"}
            await maker.post(f"/households/{home['id']}/move-out", away, version=home["version"])
    world.update({f"case_{name}": case for name, case in cases.items()})
    world["case_sent_back"] = await _step(maker, cases["sent_back"], "misroute", note="不属本村")
    signed = {"signature": {"signed_by": "王小明", "given_by": "paper", "file_id": await _sheet(maker)}}
    for name in STATES[2:-1]:
        await _step(maker, cases[name], "verifications", **_VISITED, **(signed if name == "seen" else {}))
        cases[name] = await maker.service.made("GET", f"/cases/{cases[name]['id']}", maker.county)
    for name in STATES[3:-1]:
        seen = cases[name]["verifications"][0]["id"]
        second = {"verification_id": seen, "confirmed": True}
        cases[name] = await _do(maker, cases[name], "/cases/{id}/second", second, by=maker.cadre)
    await _to_the_list(maker, world, cases)
    await _to_the_register(maker, world, cases)
    for name, case in cases.items():
        world[f"case_{name}"] = await maker.service.made("GET", f"/cases/{case['id']}", maker.county)
    world["case_signature"] = world["case_seen"]["signatures"][0]
    world["case_refused"] = await _refused(maker)
    clue = await _clue(maker, await maker.household(person(), valid_from="2024-01-01"))
    world["clue_dismissed"] = await _do(maker, clue, "/clues/{id}/dismiss", {"reason": "bearable"})
    maker.service.program.clock.move(days=DAYS - 6)
    await _on_the_way_out(maker, world)


async def _refused(maker: Any) -> Any:
    """A case that the second person did not confirm."""
    case = await _dispatched(maker, await maker.household(person(), valid_from="2024-01-01"))
    await _step(maker, case, "verifications", **_VISITED)
    seen = await maker.service.made("GET", f"/cases/{case['id']}", maker.county)
    second = {"verification_id": seen["verifications"][0]["id"], "confirmed": False, "reason": "bearable"}
    return await _do(maker, seen, "/cases/{id}/second", second, by=maker.cadre)


async def _dispatched(maker: Any, home: Any) -> Any:
    return await _do(maker, await _clue(maker, home), "/clues/{id}/dispatch", {})


async def _clue(maker: Any, home: Any) -> Any:
    await maker.post("/reports", {"household_id": home["id"], "risk": "02", "description": "上学负担重"})
    clues = (await maker.service.made("GET", "/clues", maker.county, params={"limit": 200}))["items"]
    return next(one for one in clues if one["household_id"] == home["id"])


async def _sheet(maker: Any) -> Any:
    """A signed sheet that the maker uploaded."""
    begun = await maker.post("/uploads", {"size": len(PNG), "purpose": "consent_sheet"})
    part = f"/uploads/{begun['id']}"
    await maker.service.made("PUT", part, maker.county, params={"offset": 0}, content=PNG)
    return (await maker.post(f"{part}/complete"))["id"]


async def _on_the_way_out(maker: Any, world: Any) -> None:
    """Households with everything that an elimination asks for, and the form that verifies the dispatched case."""
    for name, state in LEAVING.items():
        home = await maker.household(person(), valid_from="2023-01-01")
        here = f"/households/{home['id']}"
        line = {"kind": "operating_income.crops", "amount": "90000.00", "month": "2024-04", "source": "入户核算"}
        await maker.post(f"{here}/income-statements", {"lines": [line]})
        checks = [{"item": item, "answer": "yes", "source": "入户核查"} for item in ITEMS]
        await maker.post(f"{here}/guarantee-checks", {"checks": checks})
        help_given = {"kind": "other_education", "description": "雨露计划", "risks": ["02"], "source": "学校证明"}
        await maker.post(f"{here}/measures", help_given)
        async with maker.service.program.database.transaction(Area.everywhere()) as connection:
            made = await connection.execute(_LEAVES, {"state": state, "household": home["id"]})
            case = made.scalar_one()
        world[f"case_{name}"] = await maker.service.made("GET", f"/cases/{case}", maker.county)
    case = world["case_dispatched"]
    home = await maker.service.made("GET", f"/households/{case['household_id']}", maker.county)
    form = await maker.post(f"/households/{home['id']}/interviews", filled(home, case_id=case["id"]))
    await maker.post(f"/interviews/{form['id']}/countersign", None, by=maker.cadre, version=1)
    world["case_form"] = form


async def _to_the_list(maker: Any, world: Any, cases: dict[str, Any]) -> None:
    """Answered, compared, reviewed by one meeting, and hung on one list."""
    async with maker.service.program.database.transaction(Area.everywhere()) as connection:
        await connection.execute(_ANSWERED, {"cases": [cases[name]["id"] for name in STATES[3:-1]]})
    await _list(maker, cases, STATES[4:-1], "/cases/compare")
    votes = {"outcome": "accepted", "in_favour": 2, "against": 0, "risks": ["02"]}
    minutes = {"region": str(VILLAGE), "minutes": "逐户评议", "attendees": [{"name": "赵一"}, {"name": "钱二"}]}
    world["meeting"] = await _list(maker, cases, STATES[5:-1], "/case-meetings", minutes, **votes)
    world["public_list"] = await _list(maker, cases, STATES[6:-1], "/public-lists", {"region": str(VILLAGE)})


async def _to_the_register(maker: Any, world: Any, cases: dict[str, Any]) -> None:
    """Five days later: objected, passed, decided by town and county, registered."""
    maker.service.program.clock.move(days=6)
    cases["objected"] = await _step(maker, cases["objected"], "objections", words="家中有车")
    shown = world["public_list"]
    chosen = {"cases": [cases[name]["id"] for name in STATES[8:-1]]}
    await _do(maker, shown, "/public-lists/{id}/pass", chosen)
    world["public_list"] = await maker.service.made("GET", f"/public-lists/{shown['id']}", maker.county)
    await _read(maker, cases, STATES[8:-1])
    back = {"approved": False, "return_to": "compared", "reason": "procedure"}
    await _list(maker, cases, ("returned",), "/cases/town-decisions", by=maker.town, **back)
    await _list(maker, cases, STATES[10:-1], "/cases/town-decisions", by=maker.town, approved=True)
    await _list(maker, cases, STATES[11:-1], "/cases/county-decisions", by=maker.second, outcome="approved")
    cases["registered"] = await _step(maker, cases["registered"], "register")


async def _list(
    maker: Any,
    cases: dict[str, Any],
    names: tuple[str, ...],
    path: str,
    body: Any = None,
    *,
    by: Any = None,
    **each: Any,
) -> Any:
    refs = [{"id": cases[name]["id"], "version": cases[name]["version"]} | each for name in names]
    made = await maker.post(path, (body or {}) | {"cases": refs}, by=by)
    await _read(maker, cases, names)
    return made


async def _read(maker: Any, cases: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        cases[name] = await maker.service.made("GET", f"/cases/{cases[name]['id']}", maker.county)


async def _step(maker: Any, case: Any, step: str, **body: Any) -> Any:
    return await _do(maker, case, "/cases/{id}/" + step, body)


async def _do(maker: Any, thing: Any, path: str, body: Any, *, by: Any = None) -> Any:
    return await maker.post(path.format(**thing), body, by=by, version=thing["version"])
