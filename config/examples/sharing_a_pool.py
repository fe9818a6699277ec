"""An application with its own connection pool for Airflow's database, which the API under /airflow shares.

    SHOP_DATABASE=postgresql://airflow@db.example/airflow python sharing_a_pool.py

It is for Airflow 3, where conf is JSON.
"""

from __future__ import annotations

import json
import os
from typing import Any

import asyncpg
from aiohttp import web

import dagrun_api
import dagrun_api_postgres
from dagrun_api.store import StoreOptions

POOL: web.AppKey[asyncpg.Pool[Any]] = web.AppKey("pool")


async def with_json(connection: asyncpg.Connection[Any]) -> None:
    """Convert between JSON and Python objects; the API works with or without this."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def failures(request: web.Request) -> web.Response:
    """Return the conf of the latest failed runs: a query of the application itself, on the same pool."""
    rows = await request.app[POOL].fetch(
        "SELECT run_id, conf FROM dag_run WHERE state = 'failed' ORDER BY id DESC LIMIT 20"
    )
    return web.json_response({row["run_id"]: row["conf"] for row in rows})


async def close_pool(app: web.Application) -> None:
    """Close the pool after the last request."""
    await app[POOL].close()


async def make_app(database: str) -> web.Application:
    """Return the application with an open pool."""
    pool = await asyncpg.create_pool(database, min_size=1, max_size=10, init=with_json)
    try:
        # A request to the API waits two seconds for one of the ten connections; then the answer is 503.
        store = await dagrun_api_postgres.store_on(pool, StoreOptions(pool_timeout=2, query_timeout=10))
    except BaseException:
        await pool.close()
        raise
    app = web.Application()
    app[POOL] = pool
    app.on_cleanup.append(close_pool)
    app.router.add_get("/failures", failures)
    dagrun_api.setup(app, prefix="/airflow", store=store)
    return app


if __name__ == "__main__":
    web.run_app(make_app(os.environ["SHOP_DATABASE"]), host="127.0.0.1", port=int(os.environ.get("SHOP_PORT", "8080")))
