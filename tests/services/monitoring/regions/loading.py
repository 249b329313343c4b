"""Code tables as they are loaded, a merger of villages, and what was said of either."""

from __future__ import annotations

from sqlalchemy import select

from chassis.events.tables import outbox
from chassis.security.scope import Area
from chassis.testing.programs import VILLAGE

COUNTY_FILE = """code,name,level,valid_from,valid_to,successor
610999000000,云岭县,县,2020-01-01,,
610999101000,清溪镇,乡镇,2020-01-01,,
610999101203,松坪村,村,2020-01-01,,
610999101204,柳湾村,村,2020-01-01,,
610999102000,石门镇,乡镇,2020-01-01,,
610999102201,石门村,村,2020-01-01,,
"""

CSV = {"content-type": "text/csv"}


OTHER_TOWN = 610999102000


async def load(client, file=COUNTY_FILE):
    answer = await client.post("/regions/import", content=file.encode(), headers=CSV)
    assert answer.status_code == 200, answer.text
    return answer.json()


def merger(**changes):
    row = {"predecessor": "610999101204", "successor": str(VILLAGE), "kind": "merged"}
    return {"on": "2024-06-01", "reason": "云政发〔2024〕9号", "successions": [row]} | changes


async def said(program, event="region"):
    statement = select(outbox).where(outbox.c.type == f"cn.xianjie.monitoring.{event}.recorded.v1")
    async with program.database.transaction(Area.everywhere()) as connection:
        return (await connection.execute(statement.order_by(outbox.c.subject, outbox.c.aggregate_version))).all()
