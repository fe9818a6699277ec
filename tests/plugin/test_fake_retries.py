"""Retrying a batch on the fake server: the built-in database has no task instances, so every failed run goes back."""

from __future__ import annotations

from dagrun_api.client import Client
from dagrun_api_pytest import Server


async def test_failed_and_cancelled_runs_are_executed_again(dagrun_api_server: Server) -> None:
    server, scheduler = dagrun_api_server, dagrun_api_server.scheduler
    async with Client(server.url, token=server.token) as client:
        await client.create("hello", prefix="etl", start_date="2017-09-01", end_date="2017-09-04")
        failed, _ = scheduler.start(2)
        scheduler.finish(failed.run_id, "failed")
        await client.cancel("etl", "hello")
        rehearsed = await client.retry("etl", "hello", dry_run=True)
        assert [run.state for run in server.runs()] == ["failed", "running", "failed", "failed"]
        assert await client.retry("etl", "hello") == rehearsed
        assert (rehearsed.requeued, rehearsed.cleared, rehearsed.left, rehearsed.warnings) == (3, 0, 0, ())
        assert (await client.about()).retries == "database"
    again = server.runs()[0]
    assert (again.state, again.start_date, again.end_date) == ("queued", None, None)
    assert again.queued_at > failed.queued_at
    scheduler.run_all()
    assert [run.state for run in server.runs()] == ["success"] * 4


async def test_a_native_backfill_is_open_again(dagrun_api_server: Server) -> None:
    server = dagrun_api_server
    async with Client(server.url, token=server.token) as client:
        await client.create("hello", prefix="etl", start_date="2017-09-01", end_date="2017-09-03", max_active_runs=1)
        server.scheduler.run_all(lambda run: "failed" if run.run_id.startswith("etl_0000002") else "success")
        assert (await client.retry("etl", "hello")).requeued == 1
        assert await client.set_batch_paused("etl", True)
        assert server.scheduler.start() == []
        assert not await client.set_batch_paused("etl", False)
        server.scheduler.run_all()
    assert [run.state for run in server.runs()] == ["success"] * 3
