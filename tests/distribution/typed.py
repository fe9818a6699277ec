"""A program as a user writes it: mypy in its strict mode has to know every type of it from the installation alone."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

import dagrun_api
from dagrun_api import AccessToken, Settings, Store, create_app
from dagrun_api.client import Client


def application(store: Store) -> web.Application:
    nightly = AccessToken(name="etl-nightly", token="change-me", dags=("etl_*",))
    settings = Settings(database="sqlite:///own.db", port=9000, tokens=(nightly,))
    host = web.Application()
    dagrun_api.setup(host, prefix="/airflow", settings=settings)
    return create_app(settings, store=store)


async def states(address: str) -> Mapping[str, int]:
    async with Client(address) as client:
        async for created in client.backfill("hello", prefix="etl", start_date="2017-01-01", end_date="2017-01-31"):
            print(len(created.dag_run_ids))
        return (await client.progress("etl", "hello")).states
