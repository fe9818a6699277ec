"""The server of the fake Airflow is the real service, isolated, and fails when a test wants it to."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import aiohttp
import pytest
from blockbuster import blockbuster_ctx

from dagrun_api.client import CannotConnect, Client, ServerUnavailable, Unauthorized
from dagrun_api.errors import ConfigurationError
from dagrun_api_pytest import Server, ServerFactory


async def test_the_fixture_needs_no_setup(dagrun_api_server: Server) -> None:
    async with Client(dagrun_api_server.url) as client:
        assert [dag.dag_id for dag in await client.dags()] == ["hello", "on_demand"]
    assert dagrun_api_server.api == f"{dagrun_api_server.url}/api/v1"
    assert (dagrun_api_server.token, dict(dagrun_api_server.headers)) == (None, {})
    assert dagrun_api_server.runs() == []


async def test_a_server_may_require_a_token(dagrun_api_server_factory: ServerFactory) -> None:
    server = dagrun_api_server_factory(token="s3cret")
    assert server.token == "s3cret"
    async with Client(server.url) as client:
        with pytest.raises(Unauthorized):
            await client.dags()
    async with aiohttp.ClientSession(headers=server.headers) as session, session.get(f"{server.api}/dags") as answer:
        assert answer.status == 200


async def test_a_run_is_told_in_full(dagrun_api_server: Server) -> None:
    conf = {"why": "try it"}
    async with Client(dagrun_api_server.url) as client:
        (run_id,) = (
            await client.create("hello", start_date="2017-09-01", end_date="2017-09-01", conf=conf)
        ).dag_run_ids
        dagrun_api_server.scheduler.run_all()
        run = await client.run(run_id)
    (stored,) = dagrun_api_server.runs()
    assert (run.conf, run.run_after, run.queued_at) == (conf, stored.run_after, stored.queued_at)
    assert stored.start_date is not None
    assert stored.end_date is not None
    assert run.duration == (stored.end_date - stored.start_date).total_seconds()


async def test_two_servers_are_isolated(dagrun_api_server_factory: ServerFactory) -> None:
    one, two = dagrun_api_server_factory([{"dag_id": "a"}]), dagrun_api_server_factory([{"dag_id": "a"}])
    async with Client(one.url) as client:
        await client.create("a")
    assert (len(one.runs()), len(two.runs())) == (1, 0)


def test_the_dags_may_come_from_a_catalogue(dagrun_api_server_factory: ServerFactory) -> None:
    catalogue = Path(__file__).parents[2] / "config" / "dags.toml"
    server = dagrun_api_server_factory(catalogue)
    assert server.url != dagrun_api_server_factory(str(catalogue)).url


def threads() -> int:
    """Return the number of running servers, each of which has a thread."""
    return sum(each.name == "dagrun-api" for each in threading.enumerate())


async def test_a_server_runs_inside_its_with_block(tmp_path: Path) -> None:
    before = threads()
    with Server(tmp_path / "airflow.db", [{"dag_id": "a"}]) as server:
        async with Client(server.url) as client:
            await client.create("a")
        assert len(server.scheduler.run_all()) == 1
    async with Client(server.url, tries=1) as client:
        with pytest.raises(CannotConnect):
            await client.dags()
    assert threads() == before


def test_a_mistake_in_the_dags_leaves_no_thread(dagrun_api_server_factory: ServerFactory) -> None:
    before = threads()
    with pytest.raises(
        ConfigurationError, match=r"The list of DAGs \(dagrun_api_dags\), DAG a, key schedul: it is unk"
    ):
        dagrun_api_server_factory([{"dag_id": "a", "schedul": "@daily"}])
    with pytest.raises(ConfigurationError, match=r"The catalogue .*nowhere\.toml cannot be read"):
        dagrun_api_server_factory("nowhere.toml")
    assert threads() == before


async def test_a_server_ignores_the_environment(
    monkeypatch: pytest.MonkeyPatch, dagrun_api_server_factory: ServerFactory
) -> None:
    monkeypatch.setenv("DAGRUN_API_DATABASE", "postgresql://nowhere/at_all")
    monkeypatch.setenv("AIRFLOW__AIRFLOW_API_PLUGIN__AIRFLOW_API_AUTH", "from-outside")
    async with Client(dagrun_api_server_factory().url) as client:
        assert await client.dags()


async def test_metrics_are_served_during_an_outage(dagrun_api_server: Server) -> None:
    async with aiohttp.ClientSession(dagrun_api_server.url) as session:
        with dagrun_api_server.database_away():
            assert (await session.get("/api/v1/dags")).status == 503
            metrics = await session.get("/metrics")
            assert metrics.status == 200
            assert 'dagrun_api_database_errors_total{kind="unavailable"} 1.0' in await metrics.text()


async def test_an_outage_is_a_503_until_it_ends(dagrun_api_server: Server) -> None:
    async with Client(dagrun_api_server.url, tries=1) as client, aiohttp.ClientSession() as session:
        with dagrun_api_server.database_away():
            with pytest.raises(ServerUnavailable):
                await client.dags()
            with pytest.raises(ServerUnavailable):
                await client.create("hello", start_date="2017-01-01", end_date="2017-01-01")
            async with session.get(f"{dagrun_api_server.api}/dags") as answer:
                assert answer.status == 503
                assert int(answer.headers["Retry-After"]) > 0
            async with session.get(f"{dagrun_api_server.url}/healthz") as answer:
                assert answer.status == 200
        assert await client.dags()
    assert dagrun_api_server.runs() == []


async def test_a_server_that_was_down_has_the_same_port_and_data(
    dagrun_api_server: Server,
) -> None:
    async with Client(dagrun_api_server.url, tries=1) as client:
        await client.create("on_demand")
        await client.set_paused("hello", True)
        with dagrun_api_server.down():
            with pytest.raises(CannotConnect):
                await client.dags()
            with pytest.raises(RuntimeError, match=r"leave the block of down\(\)"), dagrun_api_server.database_away():
                pass
        assert len(dagrun_api_server.runs()) == 1
        assert [dag.is_active for dag in await client.dags()] == [False, True]


async def test_trouble_ends_even_if_its_block_raises(dagrun_api_server: Server) -> None:
    for trouble in (dagrun_api_server.database_away, dagrun_api_server.down):
        with pytest.raises(ZeroDivisionError), trouble():
            raise ZeroDivisionError
    async with Client(dagrun_api_server.url, tries=1) as client:
        assert await client.dags()


async def test_a_blocked_event_loop_does_not_block_the_server(dagrun_api_server: Server) -> None:
    code = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1]).status)"
    # Synchronous on purpose: it blocks the loop of this test.
    done = subprocess.run(  # noqa: ASYNC221
        [sys.executable, "-c", code, f"{dagrun_api_server.api}/dags"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "200\n", done.stderr


async def test_the_server_may_be_called_in_a_thread(dagrun_api_server: Server) -> None:
    with blockbuster_ctx():
        async with Client(dagrun_api_server.url) as client:
            await client.create("on_demand")
        assert len(await asyncio.to_thread(dagrun_api_server.scheduler.run_all)) == 1
        assert (await asyncio.to_thread(dagrun_api_server.runs))[0].state == "success"
