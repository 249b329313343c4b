"""An import registers nobody in a village that is none today, as far as records can tell, and takes the other rows."""

from __future__ import annotations

import pytest

from tests.personas import household, person
from tests.services.monitoring.households.villages import ENDED, NONE_SUCH
from tests.services.monitoring.regions.loading import load

RECORDED = f"code,name,level,valid_from,valid_to,successor\n{ENDED},旧村,村,2020-01-01,2023-12-31,\n"
PLAIN = {"education": "70", "is_insured": True}


@pytest.fixture
async def divisions(asks):
    await load(asks())
    await load(asks(), RECORDED)


@pytest.mark.usefixtures("divisions")
async def test_rows_of_villages_that_are_none_today_are_refused_and_the_others_taken(importing, lines):
    good, none_such, ended = (household(members=[person(**PLAIN)]) for _ in range(3))
    content = lines(none_such | {"region": str(NONE_SUCH)}, good, ended | {"region": str(ENDED)})
    row = await importing.run(content)
    assert [row.result[name] for name in ("created", "ignored", "refused")] == [1, 2, 2]
    assert await importing.errors(row.id) == [(1, "region", "village_unknown"), (3, "region", "village_unknown")]
    [stored] = await importing.ask("SELECT region FROM household")
    assert str(stored.region) == good["region"]
    [told] = await importing.ask("SELECT message FROM import_error LIMIT 1")
    assert "村代码" in told.message["zh"]


@pytest.mark.usefixtures("divisions")
async def test_a_row_about_a_household_of_a_village_that_ended_since_is_still_compared(importing, lines):
    one = household(members=[person(**PLAIN)])
    await importing.run(lines(one))
    await importing.ask("UPDATE household SET region = :ended RETURNING id", ended=ENDED)
    await importing.ask("UPDATE person SET region = :ended RETURNING id", ended=ENDED)
    row = await importing.run(lines(one | {"region": str(ENDED), "address": "二组"}))
    assert (row.result["updated"], row.result["refused"]) == (1, 0)


async def test_a_county_with_no_village_on_record_judges_none(importing, lines, asks):
    await load(asks(), "code,name,level,valid_from,valid_to,successor\n610999000000,云岭县,县,2020-01-01,,\n")
    row = await importing.run(lines(household(region=str(NONE_SUCH))))
    assert (row.result["created"], row.result["refused"]) == (1, 0)
