"""Retrying a batch on every store: what the database puts back, and what it leaves to Airflow."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.airflow.clears import ClearApi, clear_api
from dagrun_api.batches import retrying
from dagrun_api.batches.service import Service
from dagrun_api.errors import Conflict, NotFound
from dagrun_api.model import BatchRequest, Cleared, FailedRun, Prefix, RunFilter
from tests.databases.worlds import PostgresWorld, SQLWorld, World

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NOW = datetime(2018, 3, 1, 9, 30, tzinfo=UTC)
ETL = Prefix("etl")


def run_id(number: int, prefix: str = "etl") -> str:
    return f"{prefix}_{number:07d}_{NOON + number * DAY:%Y-%m-%dT%H:%M:%S}"


@dataclass
class FakeAirflow:
    """Airflow's API, which clears what it is asked to, but for the runs in `refused`."""

    world: World
    refused: tuple[str, ...] = ()
    asked: list[tuple[ClearApi, list[str]]] = field(default_factory=list[tuple[ClearApi, list[str]]])

    async def clear(self, runs: Sequence[FailedRun], api: ClearApi) -> Cleared:
        pool = self.world.store.state().pool
        assert pool is None or pool.in_use == 0, "no transaction is open meanwhile"
        self.asked.append((api, [run.run_id for run in runs]))
        cleared = [run for run in runs if run.run_id not in self.refused]
        assert isinstance(self.world, SQLWorld)
        for run in cleared:
            sql = "UPDATE dag_run SET state = 'queued' WHERE dag_id = ? AND run_id = ?"
            await self.world.execute(sql, [run.dag_id, run.run_id])
        left = len(runs) - len(cleared)
        return Cleared(cleared, {"Airflow does not want to.": left} if left else {})


def service(world: World, airflow: FakeAirflow | None = None) -> Service:
    return Service(world.store, clearing=airflow, clock=lambda: NOW)


def has_tasks(world: World) -> bool:
    return isinstance(world, SQLWorld) and bool(world.layout.columns["task_instance"])


def can_be_cleared(world: World) -> bool:
    return isinstance(world, SQLWorld) and clear_api(world.layout.airflow) is not None


async def add(world: World, number: int, state: str, *, dag_id: str = "a", has_task: bool = False) -> None:
    ended = NOON + (number + 1) * DAY if state == "failed" else None
    started = NOON if has_task else None
    date = NOON + number * DAY
    await world.add_run(dag_id, run_id(number), date, state=state, start_date=started, end_date=ended)
    if has_task and isinstance(world, SQLWorld) and has_tasks(world):
        await world.add_task_instance(dag_id, run_id(number), date)


async def states(world: World, dag_id: str = "a") -> list[str | None]:
    return [run.state for run in await world.store.runs(RunFilter(dag_id=dag_id), after=0, limit=99)]


@pytest.fixture(autouse=True)
async def dags(world: World) -> None:
    for dag_id in ("a", "b", "A"):
        await world.add_dag(dag_id)


async def test_runs_that_never_started_go_back_into_the_queue(world: World) -> None:
    for number, state in enumerate(["failed", "success", "failed", "running"], 1):
        await add(world, number, state)
    await world.add_run("b", run_id(1, "other"), NOON, state="failed")
    found = await service(world).retry(ETL, "a")
    assert (found.requeued, found.cleared, found.left, found.truncated) == (2, 0, 0, False)
    assert (found.requeued_run_ids, found.cleared_run_ids, found.left_run_ids) == ([run_id(1), run_id(3)], [], [])
    assert found.warnings == []
    assert await states(world) == [world.state_at_birth, "success", world.state_at_birth, "running"]
    assert await states(world, "b") == ["failed"]


async def test_they_are_as_new_runs(world: World) -> None:
    await add(world, 1, "failed")
    await service(world).retry(ETL, "a")
    (run,) = await world.store.runs_named(run_id(1), "a", limit=1)
    # Before Airflow 2.1, a run has a start date from its first moment.
    assert (run.start_date, run.end_date) == (None if world.state_at_birth == "queued" else NOW, None)
    (part,) = await world.store.progress(ETL, "a")
    assert (part.cancelled, part.last_ended) == (0, None)
    assert part.first_queued == (NOW if world.state_at_birth == "queued" else None)
    if isinstance(world, SQLWorld) and world.layout.has("dag_run", "updated_at"):
        found = await world.execute("SELECT count(*) FROM dag_run WHERE updated_at = ?", [NOW])
        assert found == [(1,)]


async def test_what_was_cancelled_comes_back(world: World) -> None:
    for number in (1, 2):
        await add(world, number, world.state_at_birth)
    assert (await service(world).cancel(ETL, "a")).cancelled == 2
    assert (await service(world).retry(ETL, "a")).requeued == 2
    assert await states(world) == [world.state_at_birth] * 2
    assert (await service(world).cancel(ETL, "a")).cancelled == 2


async def test_runs_that_have_started_are_left_without_airflows_api(world: World) -> None:
    await add(world, 1, "failed", has_task=True)
    await add(world, 2, "failed")
    found = await service(world).retry(ETL, "a")
    if not has_tasks(world):
        # There is nobody else who could run them again.
        assert (found.requeued, found.left, found.warnings) == (2, 0, [])
        return
    assert (found.requeued, found.cleared, found.left) == (1, 0, 1)
    assert (found.requeued_run_ids, found.left_run_ids) == ([run_id(2)], [run_id(1)])
    assert await states(world) == ["failed", world.state_at_birth]
    (warning,) = found.warnings
    if can_be_cleared(world):
        assert "which this service is not set up to use (options airflow_url, and airflow_username" in warning
    else:
        assert "has no API that clears runs whose tasks have started" in warning


async def test_airflows_api_clears_runs_that_have_started(world: World) -> None:
    if not can_be_cleared(world):
        pytest.skip("this Airflow cannot clear runs")
    for number in (1, 2, 3):
        await add(world, number, "failed", has_task=number > 1)
    airflow = FakeAirflow(world, refused=(run_id(3),))
    found = await service(world, airflow).retry(ETL, "a")
    assert [run_ids for _, run_ids in airflow.asked] == [[run_id(2), run_id(3)]]
    assert (found.requeued, found.cleared, found.left) == (1, 1, 1)
    assert (found.requeued_run_ids, found.cleared_run_ids, found.left_run_ids) == (
        [run_id(1)],
        [run_id(2)],
        [run_id(3)],
    )
    assert "1 run is left: Airflow does not want to." in found.warnings
    assert await states(world) == ["queued", "queued", "failed"]


async def test_a_dry_run_answers_what_the_call_then_does(world: World) -> None:
    for number in range(1, 7):
        await add(world, number, "failed", has_task=number % 2 == 0)
    await add(world, 7, "success")
    airflow = FakeAirflow(world) if can_be_cleared(world) else None
    before = await world.store.runs(RunFilter(), after=0, limit=99)
    rehearsed = await service(world, airflow).retry(ETL, "a", dry_run=True)
    assert await world.store.runs(RunFilter(), after=0, limit=99) == before
    assert airflow is None or airflow.asked == []
    assert await service(world, airflow).retry(ETL, "a") == rehearsed
    assert rehearsed.requeued in (3, 6)


async def test_a_batch_without_failed_runs_has_nothing_to_retry(world: World) -> None:
    await add(world, 1, "success")
    await add(world, 2, world.state_at_birth)
    for dry_run in (True, False):
        found = await service(world).retry(ETL, None, dry_run=dry_run)
        assert found.counts == {"requeued": 0, "cleared": 0, "left": 0}
        assert (found.truncated, found.requeued_run_ids, found.left_run_ids, found.warnings) == (False, [], [], [])


async def test_a_retry_of_several_dags_is_asked_for_by_name(world: World) -> None:
    for dag_id in ("A", "a", "b"):
        await add(world, 1, "failed", dag_id=dag_id)
    for dry_run in (True, False):
        with pytest.raises(Conflict, match=r"Several DAGs .*: A, a, b; add \?dag_id= .* or \?all_dags=true"):
            await service(world).retry(ETL, None, dry_run=dry_run)
    assert (await service(world).retry(ETL, "b")).requeued == 1
    assert (await service(world).retry(ETL, None, all_dags=True)).requeued == 2
    for dag_id in ("A", "a", "b"):
        assert await states(world, dag_id) == [world.state_at_birth]


async def test_a_batch_without_runs_is_not_found(world: World) -> None:
    await add(world, 1, "failed")
    for prefix, dag_id in (("etl", "b"), ("other", None), ("e\0", None), ("", None)):
        with pytest.raises(NotFound):
            await service(world).retry(Prefix(prefix), dag_id)


async def test_two_retries_at_once_put_each_run_back_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "PORTION", 3)
    for number in range(1, 21):
        await add(world, number, "failed")
    found = await asyncio.gather(*(service(world).retry(ETL, "a") for _ in range(4)))
    assert sum(each.requeued for each in found) == 20
    assert sorted(run_id for each in found for run_id in each.requeued_run_ids) == [run_id(n) for n in range(1, 21)]
    assert await states(world) == [world.state_at_birth] * 20


async def test_a_large_batch_goes_back_in_portions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "PORTION", 2)
    for dag_id, numbers in (("a", range(1, 6)), ("b", range(1, 3))):
        for number in numbers:
            await add(world, number, "failed", dag_id=dag_id)
    rehearsed = await service(world).retry(ETL, None, all_dags=True, dry_run=True)
    assert rehearsed.requeued_run_ids == [run_id(number) for number in (1, 2, 3, 4, 5, 1, 2)]
    assert await service(world).retry(ETL, None, all_dags=True) == rehearsed
    assert await states(world) == [world.state_at_birth] * 5


async def test_a_call_that_runs_out_of_time_is_gone_on_with(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "PORTION", 2)
    monkeypatch.setattr(retrying, "PATIENCE", 0.0)
    for number in range(1, 6):
        await add(world, number, "failed")
    calls = [await service(world).retry(ETL, "a") for _ in range(4)]
    assert [(found.requeued, found.left, found.truncated) for found in calls] == [
        (2, 3, True),
        (2, 1, True),
        (1, 0, False),
        (0, 0, False),
    ]
    # What `truncated` says is no warning.
    assert [found.warnings for found in calls] == [[]] * 4
    assert calls[1].left_run_ids == [run_id(5)]


async def test_a_native_backfill_is_open_again(world: World) -> None:
    target = await world.store.target_dag("a")
    if target is None or not target.has_backfills:
        pytest.skip("there are no native backfills")
    wanted = BatchRequest("a", ETL, NOON, NOON + 3 * DAY, max_active_runs=2)
    backfill_id = (await service(world).create_batch(wanted)).backfill_id
    assert backfill_id is not None
    await service(world).cancel(ETL, "a")
    if isinstance(world, SQLWorld):
        # As Airflow leaves one that it has cancelled.
        await world.execute("UPDATE backfill SET is_paused = ?", [True])
    found = await world.store.backfill(backfill_id)
    assert found is not None
    assert found.has_ended
    for is_rehearsal in (True, False):
        retried = await service(world).retry(ETL, "a", dry_run=is_rehearsal)
        assert (retried.requeued, retried.warnings) == (4, [])
    found = await world.store.backfill(backfill_id)
    assert found is not None
    assert (found.is_paused, found.has_ended) == (False, False)


async def test_a_backfill_that_a_crash_left_ended_is_open_again(world: World) -> None:
    target = await world.store.target_dag("a")
    if not isinstance(world, SQLWorld) or target is None or not target.has_backfills:
        pytest.skip("there are no native backfills")
    wanted = BatchRequest("a", ETL, NOON, NOON + 3 * DAY, max_active_runs=2)
    backfill_id = (await service(world).create_batch(wanted)).backfill_id
    assert backfill_id is not None
    # Airflow has cleared the runs of a backfill that had been cancelled, and then the service was killed.
    await world.execute("UPDATE backfill SET is_paused = ?, completed_at = updated_at", [True])
    await service(world).retry(ETL, "a")
    found = await world.store.backfill(backfill_id)
    assert found is not None
    assert (found.is_paused, found.has_ended) == (False, False)


async def test_a_pause_of_the_operator_stays(world: World) -> None:
    target = await world.store.target_dag("a")
    if target is None or not target.has_backfills:
        pytest.skip("there are no native backfills")
    await service(world).create_batch(BatchRequest("a", ETL, NOON, NOON + 3 * DAY, max_active_runs=2))
    await service(world).pause_batch(ETL, "a", True)
    if isinstance(world, SQLWorld):
        await world.execute("UPDATE dag_run SET state = 'failed' WHERE run_id LIKE 'etl_0000001%'")
        found = await service(world).retry(ETL, "a")
        assert (found.requeued, found.warnings) == (1, ["The backfill is paused: its runs wait until it continues."])
    (part,) = await world.store.progress(ETL, "a")
    assert part.is_paused


async def test_a_run_that_another_writer_holds_is_left_to_it(world: World) -> None:
    if not isinstance(world, PostgresWorld):
        pytest.skip("only PostgreSQL locks rows")
    for number in (1, 2):
        await add(world, number, "failed")
    other = await world.another()
    try:
        async with other.transaction():
            await other.fetch("SELECT id FROM dag_run WHERE run_id = $1 FOR UPDATE", run_id(1))
            found = await service(world).retry(ETL, "a")
        assert (found.requeued_run_ids, found.left_run_ids, found.truncated) == ([run_id(2)], [run_id(1)], False)
        assert found.warnings == ["1 run is left to another writer, which holds the row now: retry again."]
    finally:
        await other.close()
