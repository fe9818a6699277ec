"""The scheduler of the fake Airflow changes the states of runs as Airflow's scheduler does."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.client import Client, Created
from dagrun_api_pytest import Run, Server
from dagrun_api_pytest.dags import Dags

FIRST = "etl_0000001_2017-01-01T00:00:00"


@pytest.fixture
def dagrun_api_dags() -> Dags:
    start = datetime(2017, 1, 1, tzinfo=UTC)
    return [{"dag_id": name, "schedule": "@daily", "start_date": start} for name in ("a", "b")]


async def created(server: Server, days: int, dag_id: str = "a", prefix: str = "etl") -> Created:
    start = datetime(2017, 1, 1, tzinfo=UTC)
    async with Client(server.url) as client:
        return await client.create(
            dag_id, prefix=prefix, start_date=start, end_date=start + timedelta(days=days - 1), conf={"n": 1}
        )


def states(runs: list[Run]) -> list[str]:
    return [run.state for run in runs]


async def test_a_run_is_queued_then_running_then_ended(dagrun_api_server: Server) -> None:
    ids = (await created(dagrun_api_server, 2)).dag_run_ids
    one, two = dagrun_api_server.runs()
    assert [one.run_id, two.run_id] == list(ids)
    assert (one.state, one.start_date, one.end_date, one.conf) == ("queued", None, None, {"n": 1})
    assert one.data_interval_end == two.execution_date == datetime(2017, 1, 2, tzinfo=UTC)
    (started,) = dagrun_api_server.scheduler.start(1)
    assert (started.run_id, started.state, started.end_date) == (one.run_id, "running", None)
    assert started.start_date is not None
    assert started.start_date >= one.queued_at
    (ended,) = dagrun_api_server.scheduler.finish(one.run_id, "failed")
    assert (ended.state, ended.start_date) == ("failed", started.start_date)
    assert ended.end_date is not None
    assert dagrun_api_server.runs() == [ended, two]


async def test_runs_start_in_the_order_in_which_they_are_due(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 2, "a")
    await created(dagrun_api_server, 2, "b")
    started = dagrun_api_server.scheduler.start(3)
    assert sorted((run.execution_date.day, run.dag_id) for run in started) == [(1, "a"), (1, "b"), (2, "a")]


async def test_a_dag_has_at_most_max_active_runs_running(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 20)
    await created(dagrun_api_server, 1, "b")
    scheduler = dagrun_api_server.scheduler
    assert len(scheduler.start()) == 16 + 1
    assert scheduler.start() == []
    scheduler.finish(dag_id="a")
    scheduler.max_active_runs = 3
    assert len(scheduler.start()) == 3


async def test_the_runs_of_a_paused_dag_stay_queued(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 1, "a")
    await created(dagrun_api_server, 1, "b")
    async with Client(dagrun_api_server.url) as client:
        await client.set_paused("a", True)
        assert [run.dag_id for run in dagrun_api_server.scheduler.run_all()] == ["b"]
        await client.set_paused("a", False)
    assert [run.dag_id for run in dagrun_api_server.scheduler.run_all()] == ["a"]


async def test_cancel_does_not_affect_runs_that_have_started(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 5)
    (started,) = dagrun_api_server.scheduler.start(1)
    async with Client(dagrun_api_server.url) as client:
        cancelled = await client.cancel("etl")
    assert started.run_id not in cancelled.cancelled_dag_run_ids
    assert states(dagrun_api_server.runs()) == ["running", *["failed"] * 4]
    assert states(dagrun_api_server.scheduler.run_all()) == ["success"]


async def test_a_function_may_choose_how_each_run_ends(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 20)
    ended = dagrun_api_server.scheduler.run_all(lambda run: "failed" if run.execution_date.day == 3 else "success")
    assert len(ended) == 20
    assert [run.execution_date.day for run in dagrun_api_server.runs() if run.state == "failed"] == [3]
    assert dagrun_api_server.scheduler.run_all() == []


async def test_working_runs_the_queue_in_the_background(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 3)
    with dagrun_api_server.scheduler.working("failed"):
        async with Client(dagrun_api_server.url) as client:
            progress = await client.wait("etl", poll=0.05)
    assert progress.states == {"failed": 3}
    await created(dagrun_api_server, 1, "b")
    assert dagrun_api_server.runs("b")[0].state == "queued"


async def test_an_error_in_the_background_is_raised_at_the_end(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 1)

    is_reached = threading.Event()

    def broken(run: Run) -> str:
        is_reached.set()
        raise ZeroDivisionError(run.run_id)

    scheduler = dagrun_api_server.scheduler
    with pytest.raises(ZeroDivisionError, match=FIRST), scheduler.working(broken):
        await asyncio.to_thread(is_reached.wait, 60)


async def test_a_run_that_is_not_running_cannot_end(dagrun_api_server: Server) -> None:
    await created(dagrun_api_server, 1)
    scheduler = dagrun_api_server.scheduler
    with pytest.raises(ValueError, match=rf"{FIRST} is queued and must start .*: call scheduler\.start\(\)"):
        scheduler.finish(FIRST)
    with pytest.raises(LookupError, match=r"There is no run nowhere; server\.runs\(\)"):
        scheduler.finish("nowhere")
    scheduler.start()
    with pytest.raises(ValueError, match="success or failed, not in 'skipped'"):
        scheduler.finish(FIRST, "skipped")  # type: ignore[arg-type]
    assert states(dagrun_api_server.runs()) == ["running"]
    scheduler.finish(FIRST)
    with pytest.raises(ValueError, match=f"{FIRST} has already ended, in state success"):
        scheduler.finish(FIRST, "failed")


async def test_a_run_id_of_several_dags_needs_the_dag(dagrun_api_server: Server) -> None:
    for dag_id in ("a", "b"):
        await created(dagrun_api_server, 1, dag_id)
    dagrun_api_server.scheduler.start()
    with pytest.raises(LookupError, match=f"The DAGs a, b each have a run {FIRST}"):
        dagrun_api_server.scheduler.finish(FIRST)
    with pytest.raises(LookupError, match=f"There is no run {FIRST} of the DAG c"):
        dagrun_api_server.scheduler.finish(FIRST, dag_id="c")
    (ended,) = dagrun_api_server.scheduler.finish(FIRST, dag_id="b")
    assert ended.dag_id == "b"
