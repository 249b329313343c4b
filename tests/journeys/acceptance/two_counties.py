"""云岭县 and a neighbour that set everything otherwise, in one database; their households take the same actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from services.monitoring.registers.thresholds import GOVERNMENT_LINE, SCHOOL_LINE
from tests.journeys.acceptance.families import B_EARNED, C_EARNED, at_home
from tests.journeys.acceptance.songping import Village
from tests.journeys.acceptance.world import World
from tests.personas import number, person
from tests.services.monitoring.cases.two_plans import OTHER_PLAN
from tests.services.monitoring.cases.village import made, vote
from tests.services.monitoring.datasets.department_files import SELF_PAY, csv
from tests.services.monitoring.lines.county_lines import BASE_2024, INCOME_2023, RULE_60

OTHER_COUNTY: Final = 610998000000
OTHER_VILLAGE: Final = 610998101201
SETTINGS: Final = {
    "cases.plan": {"type": "list", "value": OTHER_PLAN},
    "cases.publicity_days": {"type": "integer", "value": 7},
    "cases.vote_percent": {"type": "integer", "value": 66},
    GOVERNMENT_LINE: {"type": "list", "value": ["县长", "镇长"]},
    SCHOOL_LINE: {"type": "list", "value": ["校长", "班主任", "家长"]},
    "screening.self_pay_monitored_min_fen": {"type": "money", "value": "3000.00"},
}
"""20 working days in another order, seven days of publicity, five duty holders, R01 from 3,000 元."""

SEVEN: Final = {"government": ["县长", "教育局长", "镇长", "村长"], "school": ["校长", "师长", "家长"]}
FIVE: Final = {"government": ["县长", "镇长"], "school": ["校长", "班主任", "家长"]}


@dataclass
class CountyStory:
    """What was seen in one county."""

    them: Village
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    child_number: str = ""
    clues: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    begun: dict[str, Any] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)
    out_of_range: Any = None


async def two_counties(world: World) -> tuple[CountyStory, CountyStory]:
    """Both on 3 June; then each goes its own way to the register."""
    first, second = CountyStory(Village(world)), CountyStory(Village(world, OTHER_VILLAGE))
    await first.them.lines(BASE_2024, INCOME_2023, RULE_60)
    scope = {"scope": str(OTHER_COUNTY)}
    await second.them.lines(INCOME_2023 | scope, RULE_60 | scope | {"mode": "watch"})
    for key, value in SETTINGS.items():
        await second.them.sets(key, value, since="2024-06-01")
    for one in (first, second):
        await _june_3(one)
    for one in (first, second):
        await _to_the_register(one)
    return first, second


async def _june_3(story: CountyStory) -> None:
    """The same families, the same figures, the same file; what departments know of them raises what it raises."""
    them = story.them
    ill = person(name="吴桂花", relation="02", labour_skill="none", identity_number=number("19550101"))
    lifted = {"is_lifted": True, "lifted_year": 2018, "valid_from": "2023-01-01"}
    child = person(name="郑小树", relation="20", identity_number=number("20130227"), labour_skill="none")
    story.child_number = child["identity_number"]
    four = [person(name="郑大树", relation="02"), person(relation="12"), child, person(relation="51")]
    story.homes = {
        "poor": await at_home(them, lifted | {"members": [ill, person(relation="10")]}, *C_EARNED),
        "between": await at_home(them, {"valid_from": "2023-01-01", "members": four}, *B_EARNED),
    }
    rows = [ill["identity_number"], ill["name"], "2024-05", "4000.00"]
    await them.world.office("medical", them.county_code).hand_in(csv(SELF_PAY, rows))
    await them.screened()
    story.clues = {name: await them.clues_of(home) for name, home in story.homes.items()}
    for name, home in story.homes.items():
        body = {"household_id": home["id"], "risk": "08", "description": "走访发现困难"}
        made(await them.cadre.post("/reports", json=body))
        story.begun[name] = await them.read(await them.opened(home))


async def _to_the_register(story: CountyStory) -> None:
    """Whatever step its county's plan names next is done, until nothing is awaited."""
    them = story.them
    for name in ("poor", "between"):
        case = story.begun[name]
        steps: list[str] = []
        while case["step"] is not None:
            steps.append(case["step"])
            answer = await _STEPS[case["step"]](them, story.homes[name], case)
            if answer is not None and not answer.is_success:
                story.out_of_range = answer
                break
            case = await them.read(case)
        story.steps = story.steps or steps
        story.ended[name] = case


async def _verify(them: Village, home: dict[str, Any], case: dict[str, Any]) -> Any:
    await them.seen(home, case, risks=["08"])


async def _compare(them: Village, _home: dict[str, Any], case: dict[str, Any]) -> Any:
    await them.compared(case)


async def _review(them: Village, _home: dict[str, Any], case: dict[str, Any]) -> Any:
    made(await them.meet(cases=[vote(case, risks=["08"])]))


async def _publish(them: Village, _home: dict[str, Any], case: dict[str, Any]) -> Any:
    await them.published(case)


async def _pass(them: Village, _home: dict[str, Any], case: dict[str, Any]) -> Any:
    them.world.on(case["publicity"]["passes_on"])
    [line] = case["publicity"]["lines"]
    made(await them.let_pass(await them.asked(f"/public-lists/{line['list_id']}")))


async def _town(them: Village, _home: dict[str, Any], case: dict[str, Any]) -> Any:
    made(await them.at_town(case))


async def _county(them: Village, _home: dict[str, Any], case: dict[str, Any]) -> Any:
    return await them.at_county(case)


async def _register(them: Village, _home: dict[str, Any], case: dict[str, Any]) -> Any:
    return await them.do(them.cadre, case, "register")


Act = Callable[[Village, dict[str, Any], dict[str, Any]], Awaitable[Any]]
_STEPS: Final[dict[str, Act]] = {
    "verified": _verify,
    "compared": _compare,
    "village_reviewed": _review,
    "publicity": _publish,
    "passed": _pass,
    "town_ok": _town,
    "county_ok": _county,
    "registered": _register,
}
