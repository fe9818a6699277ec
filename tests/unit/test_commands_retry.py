"""Retrying a batch from the shell."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dagrun_api_pytest import Server
from tests.databases.worlds import SQLiteWorld
from tests.service.process import ServiceProcess
from tests.unit.site import Site
from tests.unit.test_commands import WINDOW

FIRST_RUN = "etl_0000001_2017-01-01T12:00:00"


@pytest.fixture
def site(site: Site) -> Site:
    """Provide a batch of which two runs have failed, and one has succeeded."""
    site.ask("create", "hello", "--prefix", "etl", *WINDOW)
    site.execute("success", "id = 3")
    site.execute("failed", "id < 3")
    return site


def test_failed_runs_are_put_back_into_the_queue(site: Site) -> None:
    assert site.ask("batch", "etl").returncode == 3
    done = site.ask("retry", "etl", "-d", "hello")
    sentence = "2 runs will run again: 2 that never started, 0 from their failed tasks on. 0 stay failed.\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, sentence, "")
    assert site.document("batch", "etl")["batch"]["states"] == {"queued": 2, "success": 1}
    assert site.ask("retry", "etl").stdout == "The batch has no failed runs.\n"


def test_a_retry_can_be_tried_first(site: Site) -> None:
    for _ in range(2):
        assert site.ask("retry", "etl", "--dry-run").stdout == (
            "2 runs would run again: 2 that never started, 0 from their failed tasks on. 0 would stay failed.\n"
        )
    assert site.document("retry", "etl", "--dry-run")["would_retry"]["requeued_dag_run_ids"][0] == FIRST_RUN


def test_a_retry_is_json_or_csv(site: Site) -> None:
    assert site.ask("retry", "etl", "--dry-run", "-o", "csv").stdout == "prefix,requeued,cleared,left\r\netl,2,0,0\r\n"
    assert site.document("retry", "etl")["retried"]["requeued"] == 2


def test_a_retry_waits_for_the_end_of_the_batch(site: Site, server: Server) -> None:
    with server.scheduler.working():
        done = site.ask("retry", "etl", "--wait", "--poll", "0.05", "-o", "json")
    assert (done.returncode, json.loads(done.stdout)["batch"]["states"]) == (0, {"success": 3})
    site.execute("failed")
    with server.scheduler.working("failed"):
        assert site.ask("retry", "etl", "--wait", "--poll", "0.05").returncode == 3


def test_a_retry_of_several_dags_is_asked_for(site: Site) -> None:
    site.ask("create", "season_2017", "--prefix", "etl", "--start", "2017-04-01", "--end", "2017-04-10")
    done = site.ask("retry", "etl")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("use --dag-id to choose one, or --all-dags for all of them.\n")
    assert site.ask("retry", "etl", "--all-dags").stdout.startswith("2 runs will run again: ")


async def test_the_status_tells_of_runs_that_are_still_failed(tmp_path: Path) -> None:
    date = datetime(2017, 1, 1, 12, tzinfo=UTC)
    async with SQLiteWorld.open("2.11.2", tmp_path) as world:
        await world.add_dag("hello")
        await world.add_run("hello", FIRST_RUN, date, state="failed")
        await world.add_task_instance("hello", FIRST_RUN, date)
        database = world.url
    async with ServiceProcess.start(tmp_path, "--database", database) as service:
        site = Site(tmp_path, service.address)
        done = await asyncio.to_thread(site.ask, "retry", "etl")
        tried = await asyncio.to_thread(site.ask, "retry", "etl", "--dry-run")
    assert (done.returncode, tried.returncode) == (3, 0)
    assert done.stdout == "0 runs will run again: 0 that never started, 0 from their failed tasks on. 1 stays failed.\n"
    assert done.stderr.startswith("Warning: ")


async def test_a_trial_says_how_many_come_after_the_first_500(tmp_path: Path) -> None:
    date = datetime(2017, 1, 1, 12, tzinfo=UTC)
    async with SQLiteWorld.open("2.11.2", tmp_path) as world:
        await world.add_dag("hello")
        for number in range(1, 502):
            at = date + timedelta(days=number)
            run_id = f"etl_{number:07d}_{at:%Y-%m-%dT%H:%M:%S}"
            await world.add_run("hello", run_id, at, state="failed")
            await world.add_task_instance("hello", run_id, at)
        database = world.url
    airflow = {"DAGRUN_API_AIRFLOW_URL": "http://127.0.0.1:9", "DAGRUN_API_AIRFLOW_TOKEN": "t0ken"}
    async with ServiceProcess.start(tmp_path, "--database", database, environ=airflow) as service:
        tried = await asyncio.to_thread(Site(tmp_path, service.address).ask, "retry", "etl", "--dry-run")
    assert tried.stdout == (
        "500 runs would run again: 0 that never started, 500 from their failed tasks on. 1 more would follow.\n"
    )


@pytest.mark.parametrize("arguments", [["--dry-run", "--wait"], ["--all-dags", "-d", "hello"]])
def test_contradictions_give_status_2(site: Site, arguments: list[str]) -> None:
    done = site.ask("retry", "etl", *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: dagrun-api retry ")
