"""The limit: a bare aiohttp handler that runs one query with the driver alone and answers a ready body.

`python -m tests.bench.bare serve --port 0 DATABASE SQL PARAMETERS BODY_FILE`, in the form in which the tests start a
service; without SQL it answers at once.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
from aiohttp import web

from dagrun_api.serving.server import loop_factory

Query = Callable[[], Awaitable[object]]


@asynccontextmanager
async def opened(database: str, sql: str, parameters: list[Any]) -> AsyncGenerator[Query]:
    """Yield what runs the query on a connection that is open."""
    if not sql:

        async def nothing() -> None:
            pass

        yield nothing
    elif database.startswith("sqlite"):
        async with aiosqlite.connect(database.removeprefix("sqlite:///")) as file:
            yield lambda: file.execute_fetchall(sql, parameters)
    else:
        async with asyncpg.create_pool(database, min_size=5, max_size=5) as pool:
            yield lambda: pool.fetch(sql, *parameters)


async def main() -> None:
    """Serve until SIGTERM."""
    database, sql, parameters, file = sys.argv[4:]
    body = await asyncio.to_thread(Path(file).read_bytes)
    async with opened(database, sql, json.loads(parameters)) as query:

        async def answer(_: web.Request) -> web.Response:
            await query()
            return web.Response(body=body, content_type="application/json")

        app = web.Application()
        app.router.add_get("/", answer)
        runner = web.AppRunner(app, access_log=None, handle_signals=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print(f"Listening on http://127.0.0.1:{runner.addresses[0][1]}", file=sys.stderr, flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


if __name__ == "__main__":
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as loop:
            loop.run(main())
    except web.GracefulExit:
        pass
