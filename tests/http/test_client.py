"""The client with the real application, over the in-memory store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from importlib.metadata import version
from typing import Any

import aiohttp
import pytest

from dagrun_api.batches import retrying
from dagrun_api.client import (
    About,
    BadRequest,
    Cancelled,
    Client,
    Conflict,
    Created,
    Dag,
    DagDetail,
    DagProgress,
    NotFound,
    PlannedRun,
    Progress,
    Retried,
    RunDetail,
    RunToCreate,
    StillRunning,
    Unauthorized,
)
from dagrun_api.client.transport import base_url
from dagrun_api.model import RequeuedRun
from tests.databases.worlds import MemoryWorld, serialized
from tests.http.conftest import Api, Serve

NOON = datetime(2017, 9, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def address(api: Api) -> str:
    return str(api.make_url("/"))


@pytest.fixture
async def client(api: Api, world: MemoryWorld) -> AsyncIterator[Client]:
    await world.add_dag("a")
    async with Client(address(api)) as client:
        yield client


async def finish(world: MemoryWorld, run_id: str, state: str) -> None:
    """End a run, as a scheduler does."""
    runs = world.store.stored_runs
    (place,) = [place for place, run in enumerate(runs) if run.run_id == run_id]
    old = runs.pop(place)
    assert old.dag_id
    assert old.execution_date
    await world.add_run(old.dag_id, run_id, old.execution_date, state=state)


# --- reading ---


async def test_dags_are_listed(client: Client, world: MemoryWorld) -> None:
    await world.add_dag("b", is_paused=True, full_path=None)
    await world.add_run("a", "x", NOON)
    assert await client.dags() == [
        Dag("a", True, False, "dags/hello.py", NOON, "0 12 * * *", None),
        Dag("b", False, False, None, None, "0 12 * * *", None),
    ]


async def test_a_dag_has_its_schedule(client: Client, world: MemoryWorld) -> None:
    form = serialized("0 12 * * *", catchup=True, start_date=NOON.timestamp(), max_active_runs=3)
    await world.add_dag("a/b", serialized=form)
    await world.add_run("a/b", "x", NOON, state="queued")
    expected = DagDetail(
        dag_id="a/b",
        is_active=True,
        is_draining=False,
        full_path="dags/hello.py",
        last_execution=NOON,
        schedule="0 12 * * *",
        timezone="UTC",
        start_date=NOON,
        end_date=None,
        max_active_runs=3,
        active_runs=1,
        next_execution=None,
        next_run_after=None,
        catchup=True,
        owners=None,
        description=None,
        has_import_errors=False,
        unlistable=None,
    )
    assert await client.dag("a/b") == expected


async def test_what_is_not_known_of_a_dag_is_none(client: Client, world: MemoryWorld) -> None:
    await world.add_dag("b", serialized=None)
    found = await client.dag("b")
    assert (found.schedule, found.catchup, found.max_active_runs, found.next_execution) == (None, None, None, None)
    assert found.unlistable == "The DAG has no serialized form: let Airflow parse it first."
    with pytest.raises(NotFound, match=r"^Dag id gone not found$"):
        await client.dag("gone")


async def test_a_client_learns_what_it_may_ask_for(client: Client, world: MemoryWorld) -> None:
    expected = About(version("dagrun-api"), "memory", None, None, True, None, False, "database")
    assert await client.about() == expected
    world.store.description = replace(world.store.description, writable=False, refusal="No.", native_backfills=True)
    found = await client.about()
    assert (found.writable, found.reason, found.native_backfills, found.retries) == (False, "No.", True, "none")


async def test_times_of_a_run_are_aware_or_none(client: Client, world: MemoryWorld) -> None:
    began = NOON + timedelta(microseconds=123456)
    added = await world.add_run("a", "x", NOON, state=None, external=False, start_date=began)
    run = await client.run("x")
    assert run == RunDetail(
        id=added.id,
        dag_id="a",
        run_id="x",
        state=None,
        execution_date=NOON,
        start_date=began,
        end_date=None,
        external_trigger=False,
        data_interval_start=NOON,
        data_interval_end=NOON,
        run_after=NOON,
        queued_at=NOON,
        duration=None,
        conf={},
    )
    assert run.start_date is not None
    assert run.start_date.utcoffset() == timedelta(0)


@pytest.mark.parametrize("run_id", ["a/b", "a b%2F?c=d&e#f", "scheduled__2017-09-01T12:00:00+00:00", "ключ"])
async def test_a_run_id_may_contain_any_character(client: Client, world: MemoryWorld, run_id: str) -> None:
    await world.add_run("a", run_id, NOON)
    assert (await client.run(run_id)).run_id == run_id
    assert [run.run_id async for run in client.runs(prefix=run_id)] == [run_id]


async def test_a_run_id_of_several_dags_needs_the_dag(client: Client, world: MemoryWorld) -> None:
    for dag_id in ("a", "b"):
        await world.add_run(dag_id, "x", NOON)
    with pytest.raises(Conflict, match="Several DAGs have a run with this id: a, b"):
        await client.run("x")
    assert (await client.run("x", "b")).dag_id == "b"


async def test_ticks_are_fetched_page_by_page(client: Client, world: MemoryWorld) -> None:
    await world.add_dag("a")
    await world.add_run("a", "x", NOON + DAY, state="failed")
    ticks = [tick async for tick in client.ticks("a", start_date=NOON, end_date=NOON + 6 * DAY, page_size=3)]
    assert [tick.execution_date for tick in ticks] == [NOON + day * DAY for day in range(7)]
    assert [tick.dag_run.run_id if tick.dag_run else None for tick in ticks[:3]] == [None, "x", None]
    assert [tick.is_missing for tick in ticks[:3]] == [True, False, True]
    assert ticks[0].data_interval_end == ticks[0].run_after == NOON + DAY
    with pytest.raises(NotFound):
        _ = [tick async for tick in client.ticks("nowhere", start_date=NOON)]


async def test_runs_are_fetched_page_by_page(client: Client, world: MemoryWorld) -> None:
    for day in range(7):
        await world.add_run("a", f"x{day}", NOON + day * DAY)
    assert [run.run_id async for run in client.runs(page_size=3)] == [f"x{day}" for day in range(7)]
    assert [run.run_id async for run in client.runs(page_size=3, start="x1")] == [f"x{day}" for day in range(2, 7)]
    assert [run.id async for run in client.runs(start=6)] == [7]
    assert [run.id async for run in client.runs(page_size=3, newest_first=True)] == [7, 6, 5, 4, 3, 2, 1]
    assert [run.id async for run in client.runs(start="x2", newest_first=True)] == [2, 1]


async def test_runs_are_filtered(client: Client, world: MemoryWorld) -> None:
    await world.add_run("a", "x", NOON)
    await world.add_run("a", "y", NOON + DAY, state="failed")
    await world.add_run("b", "x", NOON, external=False)
    assert [(run.dag_id, run.run_id) async for run in client.runs(dag_id="a", prefix="x")] == [("a", "x")]
    assert [run.run_id async for run in client.runs(state="failed")] == ["y"]
    assert [run.dag_id async for run in client.runs(external_trigger=False)] == ["b"]
    assert [run.id async for run in client.runs(external_trigger=True)] == [1, 2]


async def test_the_latest_run_of_each_dag_is_listed(client: Client, world: MemoryWorld) -> None:
    for day in range(3):
        await world.add_run("a", f"x{day}", NOON + day * DAY)
    assert [run.run_id for run in await client.latest_runs()] == ["x2"]


# --- creating ---


async def test_a_batch_is_previewed_created_and_then_skipped(client: Client, world: MemoryWorld) -> None:
    run_ids = ("etl_0000001_2017-09-01T12:00:00", "etl_0000002_2017-09-02T12:00:00")
    planned = await client.dry_run("a", prefix="etl", start_date=NOON, end_date=NOON + DAY)
    assert world.store.stored_runs == []
    first = PlannedRun(run_ids[0], NOON, NOON, NOON + DAY, NOON + DAY)
    assert (planned.dag_run_ids, planned.runs[0], len(planned.runs)) == (run_ids, first, 2)
    assert await client.create("a", prefix="etl", start_date=NOON, end_date=NOON + DAY) == Created(
        run_ids, 0, (), False, ()
    )
    again = await client.create("a", prefix="etl", start_date="2017-09-01", end_date="2017-09-02T12:00")
    assert again == Created((), 2, run_ids, False, ())


async def test_a_datetime_needs_a_time_zone(client: Client, world: MemoryWorld) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=-7)))
    created = await client.create("a", start_date=there, end_date=there)
    assert created.dag_run_ids == ("manual_0000001_2017-09-01T12:00:00",)
    naive = NOON.replace(tzinfo=None)
    for wanted in (
        client.create("a", start_date=naive),
        client.dry_run("a", end_date=naive),
        client.create("a", runs=[RunToCreate(naive)]),
    ):
        with pytest.raises(ValueError, match="is naive: give it a time zone"):
            await wanted
    assert len(world.store.stored_runs) == 1


async def test_a_list_of_runs_is_created(client: Client) -> None:
    wanted = [RunToCreate(NOON), RunToCreate("2017-09-05T12:00:00", {"of": "one run"})]
    created = await client.create("a", prefix="etl", conf={"of": "all"}, runs=wanted)
    assert created.dag_run_ids == ("etl_0000001_2017-09-01T12:00:00", "etl_0000002_2017-09-05T12:00:00")


async def test_create_takes_limit_and_partial(client: Client) -> None:
    end = NOON + 9 * DAY
    with pytest.raises(BadRequest, match="The window holds more than 2 runs"):
        await client.create("a", start_date=NOON, end_date=end, limit=2)
    created = await client.create("a", start_date=NOON, end_date=end, limit=2, partial=True)
    assert (len(created.dag_run_ids), created.truncated) == (2, True)


async def test_a_repeated_backfill_completes_the_window(client: Client, world: MemoryWorld) -> None:
    end = NOON + 1299 * DAY
    async for created in client.backfill("a", prefix="etl", start_date=NOON, end_date=end):
        assert len(created.dag_run_ids) == 500
        break
    calls = [created async for created in client.backfill("a", prefix="etl", start_date=NOON, end_date=end)]
    assert [(len(each.dag_run_ids), each.truncated) for each in calls] == [(500, True), (300, False)]
    dates = [run.execution_date for run in world.store.stored_runs]
    assert dates == [NOON + day * DAY for day in range(1300)]


# --- batches ---


async def test_batches_are_fetched_page_by_page(client: Client, world: MemoryWorld) -> None:
    await world.add_dag("b")
    for month, (dag_id, prefix) in enumerate((("a", "etl"), ("b", "etl"), ("a", "other")), 1):
        start, end = f"2017-{month:02}-01", f"2017-{month:02}-02"
        await client.create(dag_id, prefix=prefix, start_date=start, end_date=end)
    found = [batch async for batch in client.batches(page_size=2)]
    assert [(batch.dag_id, batch.prefix, batch.total) for batch in found] == [
        ("a", "other", 2),
        ("b", "etl", 2),
        ("a", "etl", 2),
    ]
    assert found[0].first_execution == datetime(2017, 3, 1, 12, tzinfo=UTC)
    assert [batch async for batch in client.batches("b")] == found[1:2]


async def test_the_progress_of_a_batch_is_read(client: Client, world: MemoryWorld) -> None:
    await client.create("a", prefix="etl", start_date=NOON, end_date=NOON + DAY)
    await finish(world, "etl_0000001_2017-09-01T12:00:00", "success")
    states = {"queued": 1, "success": 1}
    progress = await client.progress("etl")
    first, last = progress.first_queued, progress.last_ended
    assert first is not None
    part = DagProgress("a", 2, states, 50.0, NOON, NOON + DAY, None, None, None, 0, first, last)
    assert progress == Progress("etl", 2, states, 50.0, NOON, NOON + DAY, (part,), None, None, None, 0, first, last)
    assert (progress.waiting, progress.ended, progress.failed) == (1, 1, 0)
    with pytest.raises(NotFound, match="No run has the prefix etl"):
        await client.progress("etl", "b")


async def test_watch_yields_each_change_once_until_the_end(client: Client, world: MemoryWorld) -> None:
    await client.create("a", prefix="etl", start_date=NOON, end_date=NOON + DAY)
    seen: list[dict[str, int]] = []

    async def watch() -> None:
        async for progress in client.watch("etl", poll=0.01):
            seen.append(dict(progress.states))  # noqa: PERF401  # as it comes

    watching = asyncio.create_task(watch())
    for number, state in ((1, "success"), (2, "failed")):
        await asyncio.sleep(0.1)
        await finish(world, f"etl_{number:07d}_2017-09-0{number}T12:00:00", state)
    await watching
    assert seen == [{"queued": 2}, {"queued": 1, "success": 1}, {"failed": 1, "success": 1}]
    assert (await client.wait("etl")).failed == 1


async def test_wait_ends_at_its_time_limit(client: Client) -> None:
    await client.create("a", prefix="etl", start_date=NOON, end_date=NOON)
    with pytest.raises(StillRunning, match=r"The batch etl has not ended after 0\.1 seconds"):
        await client.wait("etl", poll=0.02, timeout=0.1)


async def test_a_batch_is_cancelled(client: Client, world: MemoryWorld) -> None:
    run_ids = (await client.create("a", prefix="etl", start_date=NOON, end_date=NOON + 2 * DAY)).dag_run_ids
    await finish(world, run_ids[0], "success")
    await finish(world, run_ids[1], "running")
    assert await client.cancel("etl", "a") == Cancelled("etl", 1, 1, 1, (run_ids[2],))
    assert (await client.run(run_ids[2])).state == "failed"
    with pytest.raises(NotFound):
        await client.cancel("other")


async def test_a_batch_is_retried(client: Client, world: MemoryWorld) -> None:
    run_ids = (await client.create("a", prefix="etl", start_date=NOON, end_date=NOON + 2 * DAY)).dag_run_ids
    await client.cancel("etl", "a")
    await finish(world, run_ids[0], "success")
    expected = Retried("etl", 2, 0, 0, run_ids[1:], (), (), ())
    assert await client.retry("etl", "a", dry_run=True) == expected
    assert await client.retry("etl", "a") == expected
    assert (await client.run(run_ids[2])).state == "queued"
    with pytest.raises(NotFound):
        await client.retry("other")


async def test_a_large_batch_is_retried_in_several_requests(
    client: Client, world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "PORTION", 2)
    monkeypatch.setattr(retrying, "PATIENCE", 0.0)
    run_ids = (await client.create("a", prefix="etl", start_date=NOON, end_date=NOON + 4 * DAY)).dag_run_ids
    await client.cancel("etl", "a")
    tried = Retried("etl", 2, 0, 3, run_ids[:2], (), (), (), truncated=True)
    assert await client.retry("etl", "a", dry_run=True) == tried
    assert await client.retry("etl", "a") == Retried("etl", 5, 0, 0, run_ids, (), (), ())


async def test_runs_that_fail_again_at_once_are_not_retried_for_ever(
    client: Client, world: MemoryWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "PORTION", 2)
    monkeypatch.setattr(retrying, "PATIENCE", 0.0)
    run_ids = (await client.create("a", prefix="etl", start_date=NOON, end_date=NOON + 4 * DAY)).dag_run_ids
    await client.cancel("etl", "a")
    requeue = world.store.requeue

    async def failing(*arguments: Any, **more: Any) -> list[RequeuedRun]:
        found = await requeue(*arguments, **more)
        for run in found:
            await finish(world, run.run_id, "failed")
        return found

    monkeypatch.setattr(world.store, "requeue", failing)
    found = await asyncio.wait_for(client.retry("etl", "a"), 5)
    assert 5 <= found.requeued < 10
    assert found.left == 5
    assert set(found.left_dag_run_ids) == set(run_ids)


async def test_a_dag_is_paused_and_unpaused(client: Client) -> None:
    assert await client.set_paused("a", True)
    assert [dag.is_active for dag in await client.dags()] == [False]
    assert not await client.set_paused("a", False)
    with pytest.raises(NotFound):
        await client.set_paused("no/such", True)


# --- errors, tokens, addresses ---


async def test_an_error_has_message_status_and_request_id(client: Client) -> None:
    with pytest.raises(NotFound, match=r"^Dag run id not found$") as raised:
        await client.run("absent")
    assert raised.value.status == 404
    assert raised.value.request_id


async def test_the_token_is_sent(serve: Serve) -> None:
    api = await serve(token="s3cret")
    for token in (None, "wrong"):
        async with Client(address(api), token=token) as client:
            with pytest.raises(Unauthorized, match="A valid token is required"):
                await client.dags()
    async with Client(address(api), token="s3cret") as client:
        assert await client.dags() == []


async def test_the_api_may_have_another_prefix(serve: Serve) -> None:
    api = await serve(prefix="/some/where")
    for url, prefix in ((address(api), "/some/where"), (address(api) + "some", "/where")):
        async with Client(url, prefix=prefix) as client:
            assert await client.dags() == []


@pytest.mark.parametrize("path", ["", "/", "/api/v1", "/api/v1/"])
async def test_the_address_may_end_with_the_prefix_of_the_api(api: Api, path: str) -> None:
    async with Client(address(api).rstrip("/") + path) as client:
        assert await client.dags() == []


def test_the_address_may_have_a_path_before_the_prefix() -> None:
    for url in ("https://host/airflow/runs", "https://host/airflow/runs/", "https://host/airflow/runs/api/v1"):
        assert base_url(url, "/api/v1") == "https://host/airflow/runs/api/v1"
    assert base_url("https://host/not-api/v1", "/api/v1") == "https://host/not-api/v1/api/v1"


async def test_a_session_that_was_passed_stays_open(api: Api) -> None:
    async with aiohttp.ClientSession() as session:
        async with Client(address(api), session=session) as client:
            assert await client.dags() == []
        assert not session.closed


async def test_a_client_must_be_entered(client: Client, api: Api) -> None:
    with pytest.raises(RuntimeError, match="use it within `async with`"):
        await Client(address(api)).dags()


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8080", "localhost:8080", "ftp://host", "http://", "http://u:p@host", "http://host/?a=b"]
)
def test_a_bad_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"address|must not contain"):
        Client(url)
