"""An import of an export that was stopped goes on, and everything it says is there once."""

from __future__ import annotations

from chassis.testing.eventually import eventually
from services.monitoring.national.job import national_kind
from tests.services.monitoring.national.national_files import MONITORED, member, table

HOUSEHOLDS = 40
SLOW = national_kind(chunk_rows=3)


async def test_an_import_whose_worker_stops_between_chunks_goes_on_where_it_stood(county):
    rows = [member(**MONITORED, wage_fen="100", measure_work_started_on="2024-05-01") for _ in range(HOUSEHOLDS)]
    accepted = await county.hand_in(table(*rows, member(relation="邻居")))
    where = f"/jobs/{accepted['job_id']}"

    async def under_way():
        return (await county.get(where))["progress"]["done"] >= 6

    async with county.working(SLOW):
        await eventually(under_way, within_seconds=40)
    stopped = await county.get(where)
    assert stopped["state"] == "queued"
    assert stopped["progress"]["done"] < HOUSEHOLDS
    async with county.working(SLOW):
        job = await county.over(accepted["job_id"])
    result = job["result"]
    assert (result["created"], result["refused"], result["total"]) == (HOUSEHOLDS, 1, HOUSEHOLDS + 1)
    assert (result["monitoring"], result["income_lines"], result["measures"]) == (HOUSEHOLDS,) * 3
    assert (result["households"], result["persons"], result["not_taken"]) == (HOUSEHOLDS + 1, HOUSEHOLDS + 1, 1)
    [found] = await county.ask(
        "SELECT (SELECT count(*) FROM household) AS a, (SELECT count(*) FROM monitoring_fact) AS b,"
        " (SELECT count(*) FROM income_line) AS c, (SELECT count(*) FROM imported_measure) AS d,"
        " (SELECT count(*) FROM import_record) AS e"
    )
    assert tuple(found) == (HOUSEHOLDS,) * 4 + (0,)


async def test_a_file_too_long_for_one_transaction_is_refused(county):
    job = await county.imports(table(*(member() for _ in range(6))), national_kind(whole_rows_max=4), mode="validate")
    assert (job["state"], job["error"]["code"]) == ("failed", "too_many_rows_for_one_transaction")
