"""Feeding a batch through the real application, over the in-memory store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from dagrun_api.client import BadRequest, Client, Conflict, NotFound, Progress, TooManyFailures, WouldHoldBack
from dagrun_api_pytest import Server
from tests.adversity.waiting import until
from tests.contract.memory import StoredDag
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Feeding:
    """A batch `etl` of ten days of the DAG `a`, which is fed, and what a scheduler makes of it."""

    def __init__(self, world: MemoryWorld, client: Client) -> None:
        self.world = world
        self.client = client
        self.most = 0

    @property
    def dag(self) -> StoredDag:
        return self.world.store.stored_dags["a"]

    @property
    def days(self) -> list[int]:
        """The days of the batch that have a run, in the order of their creation."""
        runs = [run for run in self.world.store.stored_runs if str(run.run_id).startswith("etl_")]
        return [(run.execution_date - NOON).days for run in runs if run.execution_date is not None]

    @property
    def active(self) -> list[int]:
        """The places of the runs that are queued or running."""
        runs = self.world.store.stored_runs
        return [place for place, run in enumerate(runs) if run.state in ("queued", "running")]

    def end(self, state: str, number: int = 1) -> None:
        """End the first active runs."""
        runs = self.world.store.stored_runs
        for place in self.active[:number]:
            runs[place] = runs[place]._replace(state=state, start_date=NOON, end_date=NOON)

    async def feed(self, *, max_active_runs: int | None = 3, feed: bool = True, **more: Any) -> None:
        """Feed all ten days."""
        window: dict[str, Any] = {"prefix": "etl", "start_date": NOON, "end_date": NOON + 9 * DAY}
        options: dict[str, Any] = {**window, "max_active_runs": max_active_runs, "feed": feed, "poll": 0.005, **more}
        async for _ in self.client.backfill("a", **options):
            self.most = max(self.most, len(self.active))

    @asynccontextmanager
    async def working(self, state: str = "success") -> AsyncGenerator[None]:
        """End run after run meanwhile."""

        async def work() -> None:
            while True:
                self.end(state)
                await asyncio.sleep(0.002)

        work_off = asyncio.create_task(work())
        try:
            yield
        finally:
            work_off.cancel()

    @asynccontextmanager
    async def begun(self, **options: Any) -> AsyncGenerator[asyncio.Task[None]]:
        """Feed in a task."""
        task = asyncio.create_task(self.feed(**options))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])


@pytest.fixture
async def feeding(api: Api, world: MemoryWorld) -> AsyncIterator[Feeding]:
    await world.add_dag("a")
    async with Client(str(api.make_url("/"))) as client:
        yield Feeding(world, client)


@pytest.mark.parametrize("newest_first", [False, True])
async def test_a_few_runs_at_a_time_complete_the_window(feeding: Feeding, newest_first: bool) -> None:
    await feeding.world.add_run("a", "other", NOON + 4 * DAY)
    async with feeding.working():
        await feeding.feed(run_backwards=newest_first)
    days = sorted({*range(10)} - {4}, reverse=newest_first)
    assert feeding.most == 3
    assert sorted(feeding.days) == sorted(days)
    # Within one request, the runs are in the order of their dates.
    portions = [sorted(days[at : at + 3]) for at in (0, 3, 6)]
    assert feeding.days[:3] == portions[0]
    # Once more changes nothing.
    await feeding.feed(run_backwards=newest_first)
    assert len(feeding.days) == 9


async def test_the_next_run_is_created_when_one_has_ended(feeding: Feeding) -> None:
    async with feeding.begun(max_active_runs=2) as task:
        await until("two are created", lambda: feeding.days == [0, 1])
        feeding.end("success")
        await until("one more is created", lambda: feeding.days == [0, 1, 2])
        assert len(feeding.active) == 2
        assert not task.done()


async def test_the_last_place_of_the_dag_stays_free(feeding: Feeding) -> None:
    feeding.dag.max_active_runs = 5
    for day in (20, 21):
        await feeding.world.add_run("a", f"manual__{day}", NOON + day * DAY, state="running")
    async with feeding.begun(max_active_runs=100):
        await until("two are created", lambda: feeding.days == [0, 1])
        feeding.dag.max_active_runs = 6
        await until("one more is created", lambda: feeding.days == [0, 1, 2])
    assert len(feeding.active) == 5


async def test_a_dag_with_one_place_is_fed_only_on_request(feeding: Feeding) -> None:
    feeding.dag.max_active_runs = 1
    with pytest.raises(WouldHoldBack, match=r"The DAG a runs one run at a time .* holds back its schedule"):
        await feeding.feed()
    assert feeding.days == []
    async with feeding.working():
        await feeding.feed(yes_hold_back=True)
    assert (feeding.days, feeding.most) == (list(range(10)), 1)


async def test_a_tick_that_is_due_goes_first(feeding: Feeding, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    dag = feeding.world.store.dag

    async def look(dag_id: str) -> object:
        nonlocal looks
        looks += 1
        return await dag(dag_id)

    monkeypatch.setattr(feeding.world.store, "dag", look)
    feeding.dag.more = replace(feeding.dag.more, next_run_after=datetime.now(UTC))
    async with feeding.begun():
        await until("it has looked often", lambda: looks > 5)
        assert feeding.days == []
        feeding.dag.more = replace(feeding.dag.more, next_run_after=datetime.now(UTC) + DAY)
        await until("it goes on", lambda: feeding.days)


@pytest.mark.parametrize("is_paused", [True, False])
async def test_a_tick_that_cannot_be_created_keeps_nothing_waiting(feeding: Feeding, is_paused: bool) -> None:
    # The DAG is paused, or the scheduler is down, or far behind.
    age = timedelta(0) if is_paused else timedelta(minutes=1)
    feeding.dag.is_paused = is_paused
    feeding.dag.more = replace(feeding.dag.more, next_run_after=datetime.now(UTC) - age)
    async with feeding.begun():
        await until("it feeds", lambda: len(feeding.days) == 3)


# --- failures ---


async def test_feeding_stops_after_some_failures(feeding: Feeding) -> None:
    async with feeding.begun(stop_after_failures=2) as task:
        await until("three are created", lambda: feeding.days == [0, 1, 2])
        feeding.end("failed", 2)
        with pytest.raises(TooManyFailures, match=r"2 runs of the batch etl have failed\. .* not started: 1\.$"):
            await task
    assert (feeding.days, feeding.active) == ([0, 1, 2], [])


async def test_other_batches_stop_after_some_failures_too(feeding: Feeding) -> None:
    async with feeding.begun(max_active_runs=None, feed=False, stop_after_failures=2) as task:
        await until("all are created", lambda: len(feeding.days) == 10)
        feeding.end("failed")
        await asyncio.sleep(0.02)
        assert not task.done()
        feeding.end("failed")
        with pytest.raises(TooManyFailures, match=r"not started: 8\.$"):
            await task


async def test_failures_of_an_earlier_call_do_not_count(feeding: Feeding) -> None:
    async with feeding.begun():
        await until("three are created", lambda: feeding.days == [0, 1, 2])
    await feeding.client.cancel("etl", "a")
    async with feeding.working():
        await feeding.feed(stop_after_failures=1)
    assert len(feeding.days) == 10


async def test_with_a_limit_of_failures_it_waits_for_the_end(feeding: Feeding) -> None:
    seen: list[Progress] = []
    async with feeding.working():
        await feeding.feed(stop_after_failures=1, on_progress=seen.append)
    assert (feeding.active, seen[-1].ended) == ([], 10)
    assert all(before != after for before, after in pairwise(seen))


# --- mistakes ---


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"max_active_runs": 0}, "max_active_runs must be at least 1, not 0"),
        ({"stop_after_failures": 0}, "stop_after_failures must be at least 1"),
        ({"run_backwards": True, "max_active_runs": None, "feed": False}, "requires max_active_runs or feed"),
        ({"stop_after_failures": 1, "prefix": None}, "requires a prefix"),
    ],
)
async def test_contradictions_are_value_errors(feeding: Feeding, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        await feeding.feed(**options)


async def test_errors_of_the_service_end_the_feeding(feeding: Feeding) -> None:
    with pytest.raises(BadRequest, match="backfill"):
        await feeding.feed(prefix="backfill")
    with pytest.raises((BadRequest, NotFound), match="not found"):
        async for _ in feeding.client.backfill("b", start_date=NOON, feed=True):
            pass


# --- a service that is away for a while ---


async def test_feeding_outlasts_a_restart_of_the_service(dagrun_api_server: Server) -> None:
    server = dagrun_api_server
    window: dict[str, Any] = {"prefix": "etl", "start_date": NOON, "end_date": NOON + 9 * DAY}
    async with Client(server.url, tries=20, backoff=0.05) as client:
        created = client.backfill("hello", **window, feed=True, max_active_runs=2, poll=0.01)
        await anext(created)

        async def feed_the_rest() -> None:
            async for _ in created:
                pass

        rest = asyncio.create_task(feed_the_rest())
        for _ in range(5):
            with server.down():
                await asyncio.sleep(0.1)
                server.scheduler.run_all()
            await until("the next are created", lambda: server.scheduler.start() or rest.done())
        await until("it ends", lambda: server.scheduler.run_all() or rest.done())
        await rest
    assert [run.execution_date for run in server.runs()] == [NOON + day * DAY for day in range(10)]


# --- backfills of Airflow's own ---


@pytest.fixture
def native(feeding: Feeding) -> Feeding:
    """A batch where native backfills are possible."""
    feeding.world.store.description = replace(feeding.world.store.description, native_backfills=True)
    return feeding


async def test_where_there_are_backfills_the_batch_becomes_one(native: Feeding) -> None:
    await native.feed(max_active_runs=4, feed=False, run_backwards=True, limit=4)
    assert sorted(native.days) == list(range(10))
    progress = await native.client.progress("etl", "a")
    assert (progress.backfill_id, progress.max_active_runs, progress.is_paused) == (1, 4, False)
    assert progress.dags[0].backfill_id == 1
    await native.feed(max_active_runs=5, feed=False)
    assert (await native.client.progress("etl")).total == 10


async def test_feeding_is_possible_there_as_well(native: Feeding) -> None:
    async with native.working():
        await native.feed(max_active_runs=4)
    assert (sorted(native.days), native.most) == (list(range(10)), 4)
    assert (await native.client.progress("etl", "a")).backfill_id is None


async def test_a_backfill_stops_after_some_failures(native: Feeding) -> None:
    async with native.begun(feed=False, stop_after_failures=1) as task:
        await until("all are created", lambda: len(native.days) == 10)
        native.end("failed")
        with pytest.raises(TooManyFailures, match=r"1 run of the batch etl has failed\. .* not started: 9\.$"):
            await task


async def test_a_backfill_is_paused_and_continued(native: Feeding) -> None:
    await native.feed(feed=False)
    for is_paused in (True, False):
        assert await native.client.set_batch_paused("etl", is_paused) == is_paused
        assert (await native.client.progress("etl")).is_paused == is_paused


async def test_changing_batches_of_several_dags_takes_all_dags(native: Feeding) -> None:
    client = native.client
    await native.world.add_dag("b")
    for dag_id in ("a", "b"):
        await client.create(dag_id, prefix="etl", start_date=NOON, end_date=NOON + DAY, max_active_runs=2)
    with pytest.raises(Conflict, match="Several DAGs have runs with this prefix: a, b"):
        await client.set_batch_paused("etl", True)
    assert await client.set_batch_paused("etl", True, all_dags=True)
    with pytest.raises(Conflict, match="Several DAGs have runs with this prefix: a, b"):
        await client.cancel("etl")
    assert (await client.cancel("etl", "a")).cancelled == 2
    assert (await client.cancel("etl", all_dags=True)).cancelled == 2
