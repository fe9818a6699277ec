"""Watching a batch, cancelling it, and pausing its DAG, on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import NotFound
from dagrun_api.model import NOBODY, AuditEntry, BatchProgress, Cancellation, CancelledRun, Prefix, RunFilter, Write
from tests.databases.worlds import SQLWorld, World

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)


def run_id(number: int, prefix: str = "etl") -> str:
    return f"{prefix}_{number:07d}_{NOON + number * DAY:%Y-%m-%dT%H:%M:%S}"


async def fill(world: World, dag_id: str, states: list[str | None], prefix: str = "etl") -> None:
    for number, state in enumerate(states, 1):
        await world.add_run(dag_id, run_id(number, prefix), NOON + number * DAY, state=state)


async def states(world: World, dag_id: str) -> list[str | None]:
    return [run.state for run in await world.store.runs(RunFilter(dag_id=dag_id), after=0, limit=99)]


@pytest.fixture(autouse=True)
async def dags(world: World) -> None:
    for dag_id in ("a", "b", "A"):
        await world.add_dag(dag_id)


async def test_progress_counts_the_runs_of_a_batch_by_dag_and_state(world: World) -> None:
    await fill(world, "a", ["success", "success", "failed", "running"])
    await fill(world, "b", ["queued"])
    await fill(world, "A", ["failed"], prefix="etl_2")
    await world.add_run("a", "etl_x", NOON)
    counts = {"failed": 1, "running": 1, "success": 2}
    queued = NOON + DAY if world.state_at_birth == "queued" else None
    a = BatchProgress("a", counts, NOON + DAY, NOON + 4 * DAY, cancelled=1, first_queued=queued)
    b = BatchProgress("b", {"queued": 1}, NOON + DAY, NOON + DAY, first_queued=queued)
    assert await world.store.progress(Prefix("etl"), None) == [a, b]
    assert await world.store.progress(Prefix("etl"), "b") == [b]
    assert await world.store.progress(Prefix("et"), None) == []
    assert await world.store.progress(Prefix("ETL"), None) == []
    assert (a.total, a.ended, a.percent_done) == (4, 3, 75.0)


async def test_a_failed_run_that_had_started_is_no_cancelled_one(world: World) -> None:
    await world.add_run("a", run_id(1), NOON + DAY, state="failed", start_date=NOW, end_date=NOW + DAY)
    if isinstance(world, SQLWorld) and world.layout.columns["task_instance"]:
        await world.add_task_instance("a", run_id(1), NOON + DAY)
    (part,) = await world.store.progress(Prefix("etl"), "a")
    assert (part.cancelled, part.last_ended) == (0, NOW + DAY)


async def test_a_batch_without_runs_is_not_found(world: World) -> None:
    await fill(world, "a", ["queued"])
    service = Service(world.store)
    for prefix, dag_id in (("etl", "b"), ("other", None), ("e\0", None), ("", None), ("_", None)):
        with pytest.raises(NotFound):
            await service.progress(Prefix(prefix), dag_id)
        with pytest.raises(NotFound):
            await service.cancel(Prefix(prefix), dag_id)


async def test_cancel_ends_what_has_not_started_and_reports_the_rest(world: World) -> None:
    waiting = world.state_at_birth
    await fill(world, "a", [waiting, "success", waiting, "failed", waiting])
    await fill(world, "b", [waiting], prefix="other")
    found = await Service(world.store, clock=lambda: NOW).cancel(Prefix("etl"), None)
    assert found == Cancellation(3, 0, 2, False, [run_id(1), run_id(3), run_id(5)])
    assert await states(world, "a") == ["failed", "success", "failed", "failed", "failed"]
    assert await states(world, "b") == [waiting]
    first = (await world.store.runs_named(run_id(1), "a", limit=1))[0]
    assert first.end_date == NOW
    (part,) = await world.store.progress(Prefix("etl"), "a")
    assert (part.cancelled, part.last_ended) == (4, NOW), "one that failed before had not started either"
    again = await Service(world.store).cancel(Prefix("etl"), None)
    assert again == Cancellation(0, 0, 5, False, [])


async def test_cancel_may_be_for_one_dag(world: World) -> None:
    for dag_id in ("a", "b"):
        await fill(world, dag_id, [world.state_at_birth])
    found = await Service(world.store).cancel(Prefix("etl"), "a")
    assert (found.cancelled, found.started, found.ended) == (1, 0, 0)
    assert await states(world, "b") == [world.state_at_birth]


async def test_cancel_goes_on_after_a_run_in_portions(world: World) -> None:
    waiting = world.state_at_birth
    await fill(world, "a", [waiting, "success", waiting, waiting])
    await fill(world, "b", [waiting, waiting])
    entry = AuditEntry(NOW, Write.CANCEL, NOBODY, None, Prefix("etl"))

    async def cancel(*dag_ids: str, after: str = "") -> list[CancelledRun]:
        return await world.store.cancel(Prefix("etl"), dag_ids, entry, after=after, limit=2)

    assert await cancel("a", "b") == [CancelledRun("a", run_id(1)), CancelledRun("a", run_id(3))]
    assert await cancel("a", "b", after=run_id(3)) == [CancelledRun("a", run_id(4)), CancelledRun("b", run_id(1))]
    assert await cancel("b", after=run_id(2)) == []
    assert await cancel("b", after=run_id(1)) == [CancelledRun("b", run_id(2))]
    assert await cancel("a", "b") == []
    assert await states(world, "a") == ["failed", "success", "failed", "failed"]


async def test_a_run_that_has_a_task_instance_is_left_alone(world: World) -> None:
    if not isinstance(world, SQLWorld) or not world.layout.columns["task_instance"]:
        await fill(world, "a", ["running", "queued"])
        left = "running"
    else:
        left = world.state_at_birth
        await fill(world, "a", [left, left])
        await world.add_task_instance("a", run_id(1), NOON + DAY)
    found = await Service(world.store).cancel(Prefix("etl"), "a")
    assert (found.run_ids, found.started) == ([run_id(2)], 1)
    assert await states(world, "a") == [left, "failed"]


@pytest.mark.parametrize("world", ["postgres-3.4.0b2"], indirect=True)
async def test_a_run_with_archived_tries_is_left_alone(world: SQLWorld) -> None:
    await fill(world, "a", ["queued", "queued"])
    await world.add_task_instance("a", run_id(1), NOON + DAY)
    await world.execute("UPDATE task_instance SET working_set = NULL, archived_reason = 'cleared'")
    found = await Service(world.store).cancel(Prefix("etl"), "a")
    assert (found.run_ids, found.started) == ([run_id(2)], 1)


async def test_a_paused_dag_is_paused_and_one_that_is_gone_is_unknown(world: World) -> None:
    service = Service(world.store)
    await world.add_dag("gone", is_live=False)
    await service.set_paused("a", True)
    assert {dag.dag_id: dag.is_paused for dag in await world.store.dags()} == {"A": False, "a": True, "b": False}
    await service.set_paused("a", False)
    assert not any(dag.is_paused for dag in await world.store.dags())
    for dag_id in ("gone", "never", "a\0"):
        with pytest.raises(NotFound):
            await service.set_paused(dag_id, True)


async def test_the_latest_run_is_the_one_with_the_newest_date(world: World) -> None:
    await world.add_dag("gone", is_live=False)
    newest = await world.add_run("b", "newest", NOON + 9 * DAY)
    await world.add_run("b", "older", NOON)
    only = await world.add_run("A", "only", NOON)
    await world.add_run("gone", "r", NOON)
    assert await world.store.latest_runs() == [only, newest]
