"""The baseline of `write`: a bare FastAPI handler with a psycopg pool of 8, BEGIN, two INSERTs, COMMIT, no token."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from psycopg_pool import AsyncConnectionPool

pool = AsyncConnectionPool(os.environ["BARE_DATABASE_URL"], min_size=8, max_size=8, open=False)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    await pool.open(wait=True)
    yield
    await pool.close()


app = FastAPI(lifespan=lifespan)


@app.post("/reports", status_code=201)
async def report(request: Request) -> dict[str, str]:
    body = await request.json()
    async with pool.connection() as connection:
        await connection.execute("BEGIN")
        await connection.execute(
            "INSERT INTO bare_report (id, household, note) VALUES (%s, %s, %s)",
            (body["id"], body["household_id"], body["description"]),
        )
        await connection.execute("INSERT INTO bare_log (report, note) VALUES (%s, %s)", (body["id"], "reported"))
        await connection.execute("COMMIT")
    return {"id": body["id"]}
