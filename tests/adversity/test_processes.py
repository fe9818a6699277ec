"""Several processes, and a scheduler, writing to one DAG at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests.adversity.figures import Figures
from tests.adversity.writer import Outcome, Writers, writing
from tests.databases.worlds import PostgresWorld, SQLWorld

NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PROCESSES = 4
SIZE = 40

everywhere = pytest.mark.parametrize("world", ["sqlite-2.11.2", "postgres-3.1.8"], indirect=True)
on_postgres = pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True)


pytestmark = pytest.mark.soak


@pytest.fixture
async def writers(world: SQLWorld) -> AsyncGenerator[Writers]:
    await world.add_dag("a")
    async with writing(world.url, PROCESSES) as writers:
        yield writers


def dates(first: int, number: int = SIZE) -> list[datetime]:
    return [NOON + (first + each) * DAY for each in range(number)]


async def assert_one_run_a_date(world: SQLWorld, wanted: list[datetime], figures: Figures) -> None:
    ((runs, distinct),) = await world.execute(
        f"SELECT count(*), count(DISTINCT {world.layout.date_column}) FROM dag_run"
    )
    assert (runs, distinct) == (len(wanted), len(wanted))
    figures.count("dates with two runs", int(runs) - int(distinct))


def assert_none_failed(outcomes: list[Outcome], figures: Figures) -> None:
    assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
    figures.count("batches of processes that wrote at once", len(outcomes))
    for outcome in outcomes:
        figures.longest("longest batch beside three or seven other processes", outcome.seconds)


@everywhere
async def test_identical_batches_are_created_by_one_process(
    world: SQLWorld, writers: Writers, figures: Figures
) -> None:
    rounds = 100
    for round_ in range(rounds):
        outcomes = await writers.at_once([(f"r{round_}_", dates(SIZE * round_))] * PROCESSES)
        assert_none_failed(outcomes, figures)
        (creator,) = [outcome for outcome in outcomes if outcome.created]
        assert len(creator.created) == SIZE
        assert all(outcome.skipped == creator.created for outcome in outcomes if outcome is not creator)
    await assert_one_run_a_date(world, dates(0, rounds * SIZE), figures)


@everywhere
async def test_overlapping_batches_never_deadlock(world: SQLWorld, writers: Writers, figures: Figures) -> None:
    rounds, step = 100, SIZE // PROCESSES
    for round_ in range(rounds):
        windows = [dates(2 * SIZE * round_ + step * number) for number in range(PROCESSES)]
        wanted = [("etl_", window if number % 2 else list(reversed(window))) for number, window in enumerate(windows)]
        outcomes = await writers.at_once(wanted)
        assert_none_failed(outcomes, figures)
        assert sum(len(outcome.created) for outcome in outcomes) == SIZE + step * (PROCESSES - 1)
    ((runs, highest),) = await world.execute("SELECT count(*), max(substr(run_id, 5, 7)) FROM dag_run")
    assert int(highest) == runs, "the numbers go on without a hole"
    await assert_one_run_a_date(world, dates(0, runs), figures)


@everywhere
async def test_of_eight_batches_one_takes_all_dates(world: SQLWorld, figures: Figures) -> None:
    await world.add_dag("a")
    rounds = 50
    async with writing(world.url, 2 * PROCESSES) as writers:
        for round_ in range(rounds):
            window = dates(SIZE * round_)
            outcomes = await writers.at_once([(f"r{round_}p{number}_", window) for number in range(2 * PROCESSES)])
            assert_none_failed(outcomes, figures)
            (winner,) = [outcome for outcome in outcomes if outcome.created]
            assert len(winner.created) == SIZE
            assert all(outcome.skipped == winner.created for outcome in outcomes if outcome is not winner)
    await assert_one_run_a_date(world, dates(0, rounds * SIZE), figures)


@pytest.mark.parametrize("world", ["sqlite-2.11.2", "sqlite-standalone"], indirect=True)
async def test_processes_that_write_to_one_file_all_get_their_turn(
    world: SQLWorld, writers: Writers, figures: Figures
) -> None:
    rounds, size = 30, 5
    longest = 0.0
    for round_ in range(rounds):
        places = [size * (PROCESSES * round_ + number) for number in range(PROCESSES)]
        outcomes = await writers.at_once([(f"p{number}_", dates(place, size)) for number, place in enumerate(places)])
        assert_none_failed(outcomes, figures)
        assert all(len(outcome.created) == size for outcome in outcomes)
        longest = max(longest, *(outcome.seconds for outcome in outcomes))
    await assert_one_run_a_date(world, dates(0, rounds * PROCESSES * size), figures)
    assert longest < 15
    figures.longest("longest wait of four writers on one SQLite file", longest)


@on_postgres
async def test_batches_never_hold_up_a_scheduler(world: PostgresWorld, writers: Writers, figures: Figures) -> None:
    rounds, size = 20, 400
    scheduler = Scheduler(world.url)
    task = asyncio.create_task(scheduler.work())
    created = 0
    try:
        for round_ in range(rounds):
            window = dates(size * round_, size)
            outcomes = await writers.at_once([(f"r{round_}p{number}_", window) for number in range(PROCESSES)])
            assert_none_failed(outcomes, figures)
            created += sum(len(outcome.created) for outcome in outcomes)
            # As long as one of four always holds the DAG, the scheduler passes over it; now it gets its turn.
            await asyncio.sleep(0.05)
    finally:
        scheduler.is_done = True
        await task
    assert created == rounds * size
    assert scheduler.created > 0
    assert scheduler.looks > scheduler.created, "it met no batch"
    await assert_one_run_a_date(world, dates(0, created + scheduler.created), figures)
    # On an idle machine some milliseconds; a scheduler that waited for the lock would stand for seconds.
    assert scheduler.longest < 1
    figures.longest("longest wait of a scheduler beside four writers", scheduler.longest)
    figures.count("times that a scheduler asked for the DAG", scheduler.looks)
    figures.count("runs that the scheduler made meanwhile", scheduler.created)


class Scheduler:
    """Makes the scheduled runs of a DAG as Airflow does, and watches how long each look takes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.is_done = False
        self.looks = self.created = 0
        self.longest = 0.0

    async def work(self) -> None:
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(self._url)
        try:
            while not self.is_done:
                began = time.monotonic()
                async with connection.transaction():
                    free = await connection.fetch("SELECT dag_id FROM dag WHERE dag_id = 'a' FOR UPDATE SKIP LOCKED")
                    if free:
                        await self._create(connection)
                self.longest = max(self.longest, time.monotonic() - began)
                self.looks += 1
                await asyncio.sleep(0.005)
        finally:
            await connection.close()

    async def _create(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        # Beyond all dates of the batches.
        date = NOON - (self.created + 1) * DAY
        await connection.execute(
            "INSERT INTO dag_run (dag_id, run_id, logical_date, run_type, run_after, clear_number, span_status) "
            "VALUES ('a', $1, $2, 'scheduled', $2, 0, 'not_started')",
            f"scheduled__{date.isoformat()}",
            date,
        )
        self.created += 1
