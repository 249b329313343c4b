"""What waits for somebody."""

from __future__ import annotations

from tests.services.monitoring.cases.village import made


async def todos(client, *, doubts=False, **query):
    """Everything that waits, page by page; the registry's doubts about made-up people only if asked."""
    items, cursor = [], None
    while True:
        page = made(await client.get("/todos", params=query | ({"cursor": cursor} if cursor else {})))
        items, cursor = items + page["items"], page.get("next_cursor")
        if cursor is None:
            return [one for one in items if doubts or one["kind"] != "finding"]
