"""A service under all kinds of load, whose database goes away and comes back: nothing is lost, left, or used up."""

from __future__ import annotations

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.adversity.figures import Figures
from tests.adversity.load import SIZE, Load
from tests.adversity.proxy import Proxy, proxied
from tests.adversity.service import WatchedService, serving
from tests.databases.worlds import PostgresWorld, SQLiteWorld, SQLWorld, serialized

SECONDS = float(os.environ.get("DAGRUN_API_TEST_SOAK_SECONDS", "60"))
POOL = 5
OPTIONS = (f"--pool-size={POOL}", "--pool-timeout=2", "--connect-timeout=1", "--query-timeout=2", "--lock-timeout=2")
CALM = 7.0
"""Seconds after a fault in which a request may still be answered with 503: the longest that one can wait."""

MEMORY = 32 * 1024 * 1024
"""Bytes that the service may have more at the end than after it has warmed up."""

pytestmark = [pytest.mark.soak, pytest.mark.timeout(SECONDS + 120)]


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a service uses while nobody asks it anything."""

    files: int
    threads: int
    tasks: int
    memory: int
    connections: int


class Faults:
    """What is done to the database, one thing after the other, and when the last of it ended."""

    def __init__(self, kinds: list[Callable[[], Awaitable[None]]]) -> None:
        self._kinds = kinds
        self._is_on = False
        self._last = float("-inf")
        self.number = 0

    def excuse(self, began: float) -> bool:
        """Whether there was one when a request was under way that began then."""
        return self._is_on or began < self._last + CALM

    async def go_on(self, seconds: float) -> None:
        """Let one happen after another for so long, with some calm between them."""
        moments = random.Random(1)  # noqa: S311  # it is no secret
        end = time.monotonic() + seconds
        while time.monotonic() < end - CALM:
            self._is_on = True
            await self._kinds[self.number % len(self._kinds)]()
            self._is_on, self._last = False, time.monotonic()
            self.number += 1
            await asyncio.sleep(moments.choice([0.3, 1, 2, CALM + 2]))
        await asyncio.sleep(max(0, end - time.monotonic()))


async def footprint(service: WatchedService, connections: int) -> Footprint:
    """Measure it when it has come to rest."""
    await asyncio.sleep(1)
    return Footprint(service.open_files, service.threads, await service.tasks(), service.memory, connections)


async def soak(
    world: SQLWorld,
    service: WatchedService,
    faults: Faults,
    connections: Callable[[], Awaitable[int]],
    seconds: float,
    figures: Figures,
) -> None:
    load = Load(service, faults.excuse)
    async with load.running():
        # With a first fault, which makes the pool as large as it may get.
        await faults.go_on(CALM + 4)
    before = await footprint(service, await connections())
    async with load.running():
        await faults.go_on(seconds)
    after = await footprint(service, await connections())

    assert load.wrong == []
    sizes = dict(await world.execute("SELECT substr(run_id, 1, length(run_id) - 28), count(*) FROM dag_run GROUP BY 1"))
    ((dates,),) = await world.execute(f"SELECT count(DISTINCT {world.layout.date_column}) FROM dag_run")
    partial = {prefix: number for prefix, number in sizes.items() if number != SIZE}
    doubled = sum(sizes.values()) - int(dates)
    missing = {prefix.removesuffix("_") for prefix in load.complete} - sizes.keys()
    assert (partial, doubled, missing) == ({}, 0, set())
    service.terminate()
    assert await service.ended() == 0
    log = service.log
    unclosed = sum(
        log.count(words) for words in ("ResourceWarning", "Unclosed", "never retrieved", "but it is pending")
    )
    assert (unclosed, log.count("Traceback")) == (0, 0), log
    assert after.files <= before.files
    assert after.tasks == before.tasks
    assert after.threads <= before.threads
    assert after.connections <= before.connections
    assert after.memory - before.memory < MEMORY
    kind = type(world).__name__.removesuffix("World")
    for name, number in {
        "seconds": int(seconds),
        "requests": sum(load.statuses.values()) + load.hung_up,
        "requests answered with 503 while the database was away": load.statuses[503],
        "clients that hung up": load.hung_up,
        "faults injected": faults.number,
        "batches": len(sizes),
        "batches left partial": len(partial),
        "dates with two runs": doubled,
        "unclosed resources": unclosed,
        "open files more than before": after.files - before.files,
        "threads more than before": after.threads - before.threads,
        "asyncio tasks more than before": after.tasks - before.tasks,
        "KiB of memory more than before": (after.memory - before.memory) // 1024,
        "lines in the log about the database": log.count("Database unavailable") + log.count("answers again"),
    }.items():
        figures.count(f"soak on {kind}: {name}", number)


@pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)
async def test_a_service_on_postgresql_outlives_its_faults(
    world: PostgresWorld, tmp_path: Path, figures: Figures
) -> None:
    await world.add_dag("a", serialized=serialized("* * * * *"))
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dagrun-api' AND pid <> ?"
    ((own,),) = await world.execute("SELECT pg_backend_pid()")

    async def connections() -> int:
        ((number,),) = await world.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dagrun-api'"
        )
        return int(number)

    async with proxied(world.url) as proxy, serving(proxy.url, tmp_path, *OPTIONS, "--no-access-log") as service:

        async def end_connections() -> None:
            await world.execute(ended, [own])

        faults = Faults([lambda: away(proxy), proxy.cut, lambda: silent(proxy), end_connections])
        await soak(world, service, faults, connections, SECONDS, figures)


async def away(proxy: Proxy) -> None:
    await proxy.stop()
    await asyncio.sleep(1.5)
    await proxy.start()


async def silent(proxy: Proxy) -> None:
    proxy.is_black_hole = True
    await asyncio.sleep(1.5)
    proxy.is_black_hole = False
    await proxy.cut()


@pytest.mark.parametrize("world", ["sqlite-2.11.2"], indirect=True)
async def test_a_service_on_sqlite_outlives_its_faults(world: SQLiteWorld, tmp_path: Path, figures: Figures) -> None:
    await world.add_dag("a", serialized=serialized("* * * * *"))

    async def locked() -> None:
        with closing(sqlite3.connect(world.path, isolation_level=None, timeout=10, check_same_thread=False)) as other:
            await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
            await asyncio.sleep(2.5)

    async def none() -> int:
        return 0

    async with serving(world.url, tmp_path, *OPTIONS, "--no-access-log") as service:
        await soak(world, service, Faults([locked]), none, SECONDS / 4, figures)
