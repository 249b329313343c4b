"""A registered case goes on for the household that its people joined, and is counted once on every day."""

from __future__ import annotations

from services.monitoring.cases.rules.states import BEFORE_REGISTER, ELIMINATING, how_far
from services.monitoring.codes.cases import CaseState as S
from services.monitoring.visits.actions import refresh
from services.monitoring.visits.duties import duties_of
from tests.services.monitoring.cases.merging import counted, merged, neighbour
from tests.services.monitoring.cases.village import made, vote
from tests.services.monitoring.income.statements import recorded


async def test_a_registered_case_goes_on_for_the_household_that_its_people_joined(them, chen, lines):
    target = await neighbour(them)
    case = await them.registered(chen)
    them.program.clock.move(days=2)
    await merged(them, chen, target)
    read = await them.read(case)
    assert (read["household_id"], read["state"]) == (target["id"], "registered")
    joined, ended = [made(await them.cadre.get(f"/households/{one['id']}")) for one in (target, chen)]
    assert (joined["monitoring_type"], joined["registered_on"], joined["risks"]) == (
        "3",
        "2024-06-08",
        ["01", "02", "03"],
    )
    assert (ended["state"], ended["monitoring_type"]) == ("merged", None)
    facts = made(await them.cadre.get(f"/households/{chen['id']}/monitoring"))["facts"]
    assert [(one["ended_as"], one["ended_on"]) for one in facts] == [(None, None), ("merged", "2024-06-10")]
    before = [("registered", 1, 5), ("active", 1, 5), ("eliminated", 0, 0), ("ended", 0, 0)]
    assert await counted(them, on="2024-06-09") == before
    assert await counted(them) == [(name, households, persons and 6) for name, households, persons in before]


async def test_what_is_due_is_worked_out_once_by_a_merger(them, chen, lines, monkeypatch):
    target = await neighbour(them)
    await them.registered(chen)
    times = []
    monkeypatch.setattr(refresh, "duties_of", lambda *a, **more: times.append(1) or duties_of(*a, **more))
    await merged(them, chen, target)
    due = made(await them.county.get("/visit-dues"))["items"]
    assert [(one["household_id"], one["reason"]) for one in due] == [(target["id"], "monitored")]
    assert len(times) == 1


async def test_a_registered_case_survives_an_open_one_of_the_household_that_its_people_joined(them, chen, lines):
    target = await neighbour(them)
    registered = await them.registered(chen)
    own = await them.dispatched(target)
    them.program.clock.move(days=2)
    await merged(them, chen, target)
    read, ended = await them.read(registered), await them.read(own)
    assert (read["state"], read["household_id"], read["previous_case_id"]) == ("registered", target["id"], own["id"])
    assert (ended["state"], ended["history"][-1]["reason"]) == ("natural_end", "merged")
    assert ended["history"][-1]["details"] == {"into": registered["id"]}
    assert (ended["merged_into"], read["merged_cases"]) == (registered["id"], [own["id"]])
    assert (len(read["clues"]), ended["clues"]) == (2, [])
    shown = made(await them.cadre.get(f"/households/{target['id']}"))
    assert (shown["monitoring_type"], shown["registered_on"]) == ("3", "2024-06-08")
    for on, persons in (("2024-06-09", 5), ("2024-06-10", 6)):
        figures = [("registered", 1, persons), ("active", 1, persons), ("eliminated", 0, 0), ("ended", 0, 0)]
        assert await counted(them, on=on) == figures, "monitored without a day between"
    assert (await them.dispatched(target))["id"] == registered["id"], "a further clue joins the survivor"


async def test_of_two_registered_cases_one_goes_on_with_the_risks_of_both(them, chen, lines):
    target = await neighbour(them)
    await recorded(them.cadre, target["id"], ("wage.outside_work", "5000.00", "2024-01"))
    one = await them.reviewed(chen)
    await them.sign(target)
    [other] = await them.compared(await them.verified(await them.dispatched(target), risks=["07"]))
    [other] = await them.met(other, cases=[vote(other, risks=["07"])])
    shown = await them.published(one, other)
    them.program.clock.move(days=5)
    made(await them.let_pass(shown))
    both = made(await them.at_town(*[await them.read(case) for case in (one, other)]))["items"]
    both = made(await them.at_county(*both))["items"]
    one, other = [made(await them.do(them.cadre, case, "register")) for case in both]
    one = made(await them.do(them.town, one, "help", help_person="刘帮扶"))
    them.program.clock.move(days=1)
    await merged(them, chen, target)
    read = await them.read(one)
    assert (read["state"], read["risks"]) == ("measures_active", ["01", "02", "03", "07"]), "further along survives"
    assert (await them.read(other))["state"] == "natural_end"
    shown = made(await them.cadre.get(f"/households/{target['id']}"))
    assert (shown["monitoring_type"], shown["risks"]) == ("3", ["01", "02", "03", "07"])
    figures = [("registered", 1, 6), ("active", 1, 6), ("eliminated", 0, 0), ("ended", 0, 0)]
    assert await counted(them) == figures


def test_who_is_registered_is_further_along_than_who_is_not_and_who_is_helped_than_who_is_on_the_way_out():
    registered = how_far(S.REGISTERED)
    assert all(how_far(state) < how_far(S.ELIM_PROPOSED) for state in BEFORE_REGISTER)
    assert all(how_far(S.ELIM_PROPOSED) == how_far(state) < registered for state in ELIMINATING)
    assert how_far(S.DISPATCHED) < how_far(S.PUBLICITY) < how_far(S.COUNTY_OK) < registered < how_far(S.MEASURES_ACTIVE)
    assert how_far(S.RETURNED_C, returned_to=S.COMPARED) == how_far(S.COMPARED)
