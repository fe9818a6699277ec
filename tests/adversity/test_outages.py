"""A database that goes away under a running service, and comes back."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from tests.adversity.figures import Figures
from tests.adversity.proxy import Proxy
from tests.adversity.service import WatchedService, serving
from tests.adversity.waiting import until
from tests.databases.worlds import PostgresWorld

BODY = {"dag_id": "a", "prefix": "etl_", "start_date": "2017-01-01", "end_date": "2017-01-20T23:59:59"}
POOL = 5
OPTIONS = (
    f"--pool-size={POOL}",
    "--pool-timeout=1",
    "--connect-timeout=1",
    "--query-timeout=4",
    "--lock-timeout=2",
)

IDLE_ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dagrun-api'"
ALL_READS_WAIT = "LOCK TABLE dag IN ACCESS EXCLUSIVE MODE"
CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dagrun-api' AND datname = current_database()"
)

pytestmark = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


class Caller:
    """A client that wants to know what it is answered, and how fast."""

    def __init__(self, service: WatchedService, session: ClientSession) -> None:
        self.service = service
        self._session = session
        self.longest = 0.0

    async def status(self, method: str, path: str, **more: Any) -> int:
        """Return the status of an answer, which must be in the envelope, and when it is 503 say when to come back."""
        began = time.monotonic()
        async with self._session.request(method, f"{self.service.address}{path}", **more) as response:
            assert list(await response.json()) == ["response"]
            assert ("Retry-After" in response.headers) == (response.status == 503)
        self.longest = max(self.longest, time.monotonic() - began)
        return response.status

    async def read(self) -> int:
        return await self.status("GET", "/api/v1/dags")

    async def create(self, prefix: str = "etl_") -> int:
        return await self.status("POST", "/api/v1/dag_runs", json={**BODY, "prefix": prefix})

    async def bad(self) -> list[int]:
        """Return the answers to requests that a service can refuse by itself."""
        return [
            await self.status("POST", "/api/v1/dag_runs", data=b"{"),
            await self.status("POST", "/api/v1/dag_runs", json={"dag_id": "a", "end": "2017-01-01"}),
            await self.status("POST", "/api/v1/dag_runs", json={"dag_id": "a", "limit": 501}),
            await self.status("GET", "/api/v1/dag_runs?limit=0"),
            await self.status("GET", "/api/v1/nowhere"),
            await self.status("PUT", "/api/v1/dags"),
            await self.status("GET", "/api/v1/dags", headers={"Authorization": "wrong"}),
        ]

    async def until(self, wanted: int, path: str) -> float:
        """Return after how many seconds it is answered with this status."""
        began = time.monotonic()
        while await self.status("GET", path) != wanted:
            assert time.monotonic() - began < 20, self.service.log
            await asyncio.sleep(0.02)
        return time.monotonic() - began


TOKEN = "s3cret"


@pytest.fixture
async def caller(proxy: Proxy, tmp_path: Path) -> AsyncGenerator[Caller]:
    (tmp_path / "api.ini").write_text(f"[airflow_api_plugin]\nairflow_api_auth = {TOKEN}\n")
    async with (
        serving(proxy.url, tmp_path, "--config", "api.ini", *OPTIONS) as service,
        ClientSession(headers={"Authorization": TOKEN}) as session,
    ):
        yield Caller(service, session)


@pytest.mark.parametrize("by", ["the server", "the network"])
async def test_dead_idle_connections_fail_no_request(
    world: PostgresWorld, proxy: Proxy, caller: Caller, by: str, figures: Figures
) -> None:
    for round_ in range(5):
        await asyncio.gather(*(caller.read() for _ in range(2 * POOL)))
        if by == "the server":
            await world.execute(IDLE_ENDED)
        else:
            # Nobody is told: the first request on each connection finds out.
            proxy.forget()
        first = [caller.create(f"r{round_}_") if number % 2 else caller.read() for number in range(2)]
        assert await asyncio.gather(*first) == [200] * 2
        rest = [caller.create(f"r{round_}_") if number % 2 else caller.read() for number in range(18)]
        assert await asyncio.gather(*rest) == [200] * 18
        figures.count("requests after all idle connections had died", 20)


async def test_a_database_that_returns_is_used_without_a_restart(
    proxy: Proxy, caller: Caller, figures: Figures
) -> None:
    assert await caller.create() == 200
    await proxy.stop()
    figures.longest("longest until a lost database is told by readyz", await caller.until(503, "/readyz"))
    caller.longest = 0
    answers = await asyncio.gather(*(caller.read() for _ in range(30)), *(caller.create() for _ in range(30)))
    assert set(answers) == {503}
    assert await caller.status("GET", "/healthz") == 200
    # Each waits for a connection for one second at most.
    assert caller.longest < 10
    figures.longest("longest 503 while the database is away", caller.longest)
    await proxy.start()
    figures.longest("longest until a database that is back is used", await caller.until(200, "/api/v1/dags"))
    assert [await caller.read(), await caller.create()] == [200, 200]
    await caller.until(200, "/readyz")
    lines = [line for line in caller.service.log.splitlines() if "Database unavailable" in line]
    assert 1 <= len(lines) <= 4, "one line every ten seconds"
    while "The database answers again" not in caller.service.log:
        assert await caller.read() == 200
        await asyncio.sleep(0.1)
    counted = re.findall(r"since the last line (\d+) more requests got a 503", caller.service.log)
    assert sum(map(int, counted)) >= 60 - len(lines)
    assert "Traceback" not in caller.service.log


async def test_a_silent_database_costs_no_connection_for_good(
    world: PostgresWorld, proxy: Proxy, caller: Caller, figures: Figures
) -> None:
    await asyncio.gather(*(caller.create() for _ in range(2 * POOL)))
    proxy.is_black_hole = True
    answers = await asyncio.gather(*(caller.read() for _ in range(20)), *(caller.create() for _ in range(20)))
    assert set(answers) == {503}
    # The query's time, and a second in which it could have been cancelled.
    assert caller.longest < 7
    figures.longest("longest 503 while the database says nothing", caller.longest)
    proxy.is_black_hole = False
    await proxy.cut()
    await caller.until(200, "/api/v1/dags")
    await assert_all_connections_are_of_use(world, caller)


async def assert_all_connections_are_of_use(world: PostgresWorld, caller: Caller) -> None:
    """So many requests can be in the database at once as before, and no more."""
    connection = await world.another()
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(ALL_READS_WAIT)
        waiting = [asyncio.create_task(caller.read()) for _ in range(POOL)]

        async def all_wait() -> bool:
            assert not any(task.done() for task in waiting), "one found no connection"
            return await world.execute(f"{CONNECTIONS} AND wait_event_type = 'Lock'") == [(POOL,)]

        await until("all wait for the DAGs", all_wait)
        await transaction.rollback()
        assert await asyncio.gather(*waiting) == [200] * POOL
    finally:
        await connection.close()
    ((connections,),) = await world.execute(CONNECTIONS)
    # One more is the store of this test's own world.
    assert connections <= POOL + 1


async def test_bad_requests_are_refused_while_the_pool_is_busy(
    world: PostgresWorld, proxy: Proxy, tmp_path: Path, figures: Figures
) -> None:
    (tmp_path / "api.ini").write_text(f"[airflow_api_plugin]\nairflow_api_auth = {TOKEN}\n")
    patient = ("--pool-timeout=0.5", f"--pool-size={POOL}", "--lock-timeout=60", "--query-timeout=60")
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(serving(proxy.url, tmp_path, "--config", "api.ini", *patient))
        session = await stack.enter_async_context(ClientSession(headers={"Authorization": TOKEN}))
        caller = Caller(service, session)
        holder = await world.another()
        stack.push_async_callback(holder.close)
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(ALL_READS_WAIT)
        slow = [asyncio.create_task(caller.read()) for _ in range(50)]
        await until("all but some are refused", lambda: sum(task.done() for task in slow) == 50 - POOL)
        assert {task.result() for task in slow if task.done()} == {503}, "no connection was free for them"
        assert [await caller.read(), await caller.create()] == [503, 503]
        assert await caller.bad() == [400, 400, 400, 400, 404, 405, 401]
        assert await caller.status("GET", "/healthz") == 200
        assert sum(task.done() for task in slow) == 50 - POOL, "the pool was in use all the time"
        await transaction.rollback()
        answers = await asyncio.gather(*slow)
        assert sorted(answers) == [200] * POOL + [503] * (50 - POOL)
        await assert_all_connections_are_of_use(world, caller)
        figures.count("requests that found the pool used up", 50 - POOL + 2)
