"""A standby that becomes the primary while the service runs, behind one address and behind two."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import pytest
from aiohttp import ClientSession

from tests.adversity.load import SIZE, Load
from tests.adversity.proxy import Proxy, proxied
from tests.adversity.service import WatchedService, serving
from tests.adversity.waiting import until
from tests.databases import postgres
from tests.databases.schemas import postgres_ddl
from tests.databases.worlds import PostgresWorld, serialized

NAME = "airflow"
OPTIONS = ("--pool-size=5", "--pool-timeout=2", "--connect-timeout=1", "--query-timeout=2", "--lock-timeout=2")


@dataclass
class Pair:
    """A primary and its standby, which has everything that was committed."""

    primary: str
    standby: str
    stopping: ExitStack

    def lose_primary(self) -> None:
        self.stopping.close()

    async def promote(self) -> None:
        await execute(self.standby, "SELECT pg_promote()")


async def execute(url: str, sql: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(sql)]
    finally:
        await connection.close()


@pytest.fixture
def servers() -> Generator[Pair]:
    if postgres.GIVEN in os.environ:
        pytest.skip("a given server is not stopped")
    with ExitStack() as stopping:
        primary = stopping.enter_context(postgres.server())
        with postgres.standby(primary) as standby:
            yield Pair(primary, standby, stopping)


@pytest.fixture
async def pair(servers: Pair) -> Pair:
    url = await postgres.fresh_database(servers.primary, NAME, postgres_ddl("3.1.8"))
    async with PostgresWorld.open(url) as world:
        await world.add_dag("a", serialized=serialized("* * * * *"))
    # A commit waits for the standby, so that a batch that was answered for is never lost.
    await execute(url, f"ALTER DATABASE {NAME} SET synchronous_commit = remote_apply")
    await execute(url, "ALTER SYSTEM SET synchronous_standby_names = '*'")
    await execute(url, "SELECT pg_reload_conf()")
    return Pair(url, postgres.database_url(servers.standby, NAME), servers.stopping)


def batch(day: int) -> dict[str, str]:
    return {"dag_id": "a", "start_date": f"2017-01-{day:02}T00:00", "end_date": f"2017-01-{day:02}T00:04"}


async def asked(service: WatchedService, method: str, path: str, body: object = None) -> tuple[int, str]:
    async with ClientSession() as session, session.request(method, f"{service.address}{path}", json=body) as answer:
        return answer.status, await answer.text()


@pytest.mark.timeout(120)
async def test_a_promotion_under_load_leaves_whole_batches(pair: Pair, tmp_path: Path) -> None:
    fault = [float("inf"), float("inf")]
    async with proxied(pair.primary) as proxy, serving(proxy.url, tmp_path, *OPTIONS) as service:
        load = Load(service, lambda began: fault[0] - 7 < began < fault[1] + 7)
        async with load.running():
            await until("some batches", lambda: len(load.complete) > 10)
            fault[0] = time.monotonic()
            await proxy.stop()
            pair.lose_primary()
            proxy.point_at(pair.standby)
            await proxy.start()

            async def is_standby() -> bool:
                code, text = await asked(service, "GET", "/readyz")
                return code == 503 and "is a standby" in text

            await until("it says that it is a standby", is_standby)
            # A standby can be read.
            assert (await asked(service, "GET", "/api/v1/dags"))[0] == 200
            await execute(pair.standby, "ALTER SYSTEM SET synchronous_standby_names = ''")
            await pair.promote()
            fault[1] = time.monotonic()
            before = len(load.complete)
            await until("batches again", lambda: len(load.complete) > before + 10)

        async def is_ready() -> bool:
            return (await asked(service, "GET", "/readyz"))[0] == 200

        await until("it is ready", is_ready)
        assert load.wrong == []
        found = await execute(
            pair.standby, "SELECT substr(run_id, 1, length(run_id) - 28) AS name, count(*) FROM dag_run GROUP BY 1"
        )
        sizes = dict(found)
        assert set(sizes.values()) == {SIZE}
        assert {prefix.removesuffix("_") for prefix in load.complete} <= sizes.keys()
        assert "Traceback" not in service.log


class Ways(NamedTuple):
    """A service whose URL names two hosts, and what stands before each of them."""

    service: WatchedService
    primary: Proxy
    standby: Proxy


@pytest.fixture
async def ways(pair: Pair, tmp_path: Path) -> AsyncGenerator[Ways]:
    async with proxied(pair.primary) as primary, proxied(pair.standby) as standby:
        hosts = ",".join(each.url.rpartition("@")[2].partition("/")[0] for each in (primary, standby))
        async with serving(f"postgresql://postgres@{hosts}/{NAME}", tmp_path, *OPTIONS) as service:
            assert (await asked(service, "POST", "/api/v1/dag_runs", batch(1)))[0] == 200
            # The connections that the service makes now lead to the standby, and stay there when the primary is back.
            await primary.stop()
            assert (await asked(service, "GET", "/api/v1/dags"))[0] == 200
            await primary.start()
            yield Ways(service, primary, standby)


async def test_a_refused_write_finds_the_other_host(ways: Ways) -> None:
    assert (await asked(ways.service, "POST", "/api/v1/dag_runs", batch(2)))[0] == 503
    assert (await asked(ways.service, "POST", "/api/v1/dag_runs", batch(2)))[0] == 200


async def test_a_probe_finds_the_other_host(ways: Ways) -> None:
    code, text = await asked(ways.service, "GET", "/readyz")
    assert (code, "is a standby" in text) == (503, True)
    assert (await asked(ways.service, "POST", "/api/v1/dag_runs", batch(2)))[0] == 200
