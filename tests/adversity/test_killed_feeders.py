"""The command that feeds a batch: killed at random moments, and several at once, while a scheduler works."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.adversity.figures import Figures
from tests.adversity.service import serving
from tests.adversity.sizes import sized
from tests.databases.worlds import SQLiteWorld
from tests.service.process import clean_environment

FIRST = datetime(2000, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
WANTED = 3

airflow_2 = pytest.mark.parametrize("world", ["sqlite-2.11.2"], indirect=True)


class Scheduler:
    """A scheduler that starts and ends runs, and sees how many of them are active; nobody else ends runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._random = random.Random(20170901)  # noqa: S311  # it is no secret
        self.most_of_batch = 0
        self.most_of_dag = 0

    @asynccontextmanager
    async def working(self) -> AsyncGenerator[None]:
        """Work meanwhile."""
        over = asyncio.Event()

        async def work() -> None:
            while not over.is_set():
                await asyncio.to_thread(self._round)
                await asyncio.sleep(0.01)

        working = asyncio.create_task(work())
        try:
            yield
        finally:
            over.set()
            await working

    def _round(self) -> None:
        with closing(sqlite3.connect(self._path, timeout=20, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            runs = connection.execute(
                "SELECT id, state, run_id FROM dag_run WHERE state IN ('queued', 'running') ORDER BY id"
            ).fetchall()
            batch = [(id_, state) for id_, state, run_id in runs if run_id.startswith("etl_")]
            self.most_of_batch = max(self.most_of_batch, len(batch))
            self.most_of_dag = max(self.most_of_dag, len(runs))
            for id_, state in batch:
                if self._random.random() < 0.5:
                    following = "running" if state == "queued" else "success"
                    connection.execute("UPDATE dag_run SET state = ? WHERE id = ?", [following, id_])
            connection.execute("COMMIT")


@asynccontextmanager
async def feeder(url: str, folder: Path, days: int, *more: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """Start the command, and kill it at the end of the block if it still runs."""
    end = FIRST + (days - 1) * DAY
    window = ["--prefix", "etl", "--start", FIRST.isoformat(), "--end", end.isoformat()]
    pace = ["--feed", "--max-active-runs", str(WANTED), "--poll", "0.05"]
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "dagrun_api", "create", "a", "--url", url, *window, *pace, *more],
        cwd=folder,
        env=clean_environment(),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def finish(process: asyncio.subprocess.Process) -> None:
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


async def dates(world: SQLiteWorld) -> Sequence[str]:
    rows = await world.execute("SELECT execution_date FROM dag_run WHERE run_id LIKE 'etl%' ORDER BY 1")
    return [str(date)[:10] for (date,) in rows]


async def dag_with_places(world: SQLiteWorld, places: int) -> None:
    """Add a DAG, of whose places a run of somebody else takes one for good."""
    await world.add_dag("a")
    await world.execute("UPDATE dag SET max_active_runs = ?", [places])
    await world.add_run("a", "manual__by_hand", FIRST - 9 * DAY, state="running")


@pytest.mark.soak
@airflow_2
async def test_feeders_that_are_killed_complete_the_window(
    world: SQLiteWorld, tmp_path: Path, figures: Figures
) -> None:
    # Two places, one of which is the last, do not belong to the batch.
    await dag_with_places(world, WANTED + 1)
    days, kills = 500, sized(quick=30, full=100)
    moments = random.Random(20170901)  # noqa: S311  # it is no secret
    scheduler = Scheduler(world.path)
    numbers = [0]
    async with serving(world.url, tmp_path) as service, scheduler.working():
        for _ in range(kills):
            async with feeder(service.address, tmp_path, days):
                await asyncio.sleep(moments.uniform(0.2, 0.9))
            numbers.append(len(await dates(world)))
        async with feeder(service.address, tmp_path, days) as last:
            await finish(last)
    assert await dates(world) == [str(FIRST + day * DAY)[:10] for day in range(days)]
    assert (scheduler.most_of_batch, scheduler.most_of_dag) == (WANTED - 1, WANTED)
    figures.count("feeders that were killed", kills)
    figures.count("feeders that were killed after creating runs", len(set(numbers)) - 1)


@airflow_2
@pytest.mark.parametrize("order", [[], ["--run-backwards"]])
async def test_feeders_at_once_keep_to_one_limit(world: SQLiteWorld, tmp_path: Path, order: list[str]) -> None:
    await dag_with_places(world, 16)
    days = 150
    scheduler = Scheduler(world.path)
    async with (
        serving(world.url, tmp_path) as service,
        scheduler.working(),
        feeder(service.address, tmp_path, days, *order) as first,
        feeder(service.address, tmp_path, days, *order) as second,
    ):
        await asyncio.gather(finish(first), finish(second))
    assert await dates(world) == [str(FIRST + day * DAY)[:10] for day in range(days)]
    assert scheduler.most_of_batch == WANTED


@airflow_2
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_feeder_that_is_stopped_says_how_to_continue(
    world: SQLiteWorld, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    await dag_with_places(world, 16)
    async with serving(world.url, tmp_path) as service, feeder(service.address, tmp_path, 10) as process:
        assert process.stderr is not None
        assert b"etl: 0 of 3 runs ended (0%): 3 queued" in await process.stderr.readline()
        process.send_signal(number)
        _, errors = await process.communicate()
    assert process.returncode == status
    assert errors.decode() == (
        "Interrupted: the runs that were created continue. To create the others, repeat the command with "
        "--prefix etl.\n"
    )
    assert len(await dates(world)) == WANTED


@airflow_2
async def test_a_dag_with_one_place_is_fed_on_request(world: SQLiteWorld, tmp_path: Path) -> None:
    await world.add_dag("a")
    await world.execute("UPDATE dag SET max_active_runs = 1")
    scheduler = Scheduler(world.path)
    async with serving(world.url, tmp_path) as service:
        async with feeder(service.address, tmp_path, 5) as refused:
            _, errors = await refused.communicate()
        assert refused.returncode == 1
        assert errors.decode().endswith(
            "holds back its schedule. To create the batch nevertheless, use --yes-hold-back.\n"
        )
        async with scheduler.working(), feeder(service.address, tmp_path, 5, "--yes-hold-back") as fed:
            await finish(fed)
    assert (len(await dates(world)), scheduler.most_of_batch) == (5, 1)
