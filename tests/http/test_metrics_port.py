"""The metrics port, and the metrics that only a real process has."""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families as parsed

from tests.service.process import ServiceProcess, serving

DAGS = '[[dag]]\ndag_id = "hello"\nschedule = "@daily"\n'
TOKEN = {"AIRFLOW__AIRFLOW_API_PLUGIN__AIRFLOW_API_AUTH": "s3cret"}
HEADERS = {"Authorization": "s3cret"}


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    (tmp_path / "dags.toml").write_text(DAGS)
    return ["--database", f"sqlite:///{tmp_path}/a.db", "--dags", f"{tmp_path}/dags.toml", "--metrics-port", "0"]


def metrics_url(process: ServiceProcess) -> str:
    found = re.search(r"Metrics at (http://\S+)/metrics\n", process.log)
    assert found
    return found[1]


async def scrape(session: ClientSession, url: str) -> dict[str, float]:
    async with session.get(f"{url}/metrics") as response:
        samples = [each for family in parsed(await response.text()) for each in family.samples]
    return {"".join([each.name, *each.labels.values()]): each.value for each in samples}


async def test_the_metrics_port_serves_metrics_and_probes_only(options: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, *options, environ=TOKEN) as process:
        url = metrics_url(process)
        async with ClientSession(headers=HEADERS) as session:
            async with session.get(f"{process.address}/api/v1/dags") as response:
                assert response.status == 200
            for path, status in (("/healthz", 200), ("/readyz", 200), ("/api/v1/dags", 404), ("/", 404)):
                async with session.get(url + path) as response:
                    assert response.status == status, path
            found = await scrape(session, url)
            assert found["dagrun_api_requests_totalGET/api/v1/dags200"] == 1
            assert found["process_resident_memory_bytes"] > 10_000_000
            assert (await scrape(session, process.address)).keys() >= found.keys(), "the main port has them, too"


async def test_the_metrics_port_needs_the_token(options: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, *options, environ=TOKEN) as process:
        async with ClientSession() as session:
            for path, status in (("/healthz", 200), ("/readyz", 200), ("/metrics", 401)):
                async with session.get(metrics_url(process) + path) as response:
                    assert response.status == status, path


async def test_it_answers_not_ready_until_the_process_ends(options: list[str], tmp_path: Path) -> None:
    with serving(tmp_path, *options, "--drain-delay", "1") as process:
        url = metrics_url(process)
        process.terminate()
        async with ClientSession() as session:
            status = 200
            for _ in range(100):
                async with session.get(f"{url}/readyz") as response:
                    status = response.status
                if status == 503:
                    break
                await asyncio.sleep(0.005)
            assert status == 503
            assert "dagrun_api_requests_totalGET/readyz503" in await scrape(session, url)
        # A second signal would end it at once.
        assert await asyncio.to_thread(process.wait, 20) == 0
    assert "Stopped" in process.log


def test_a_port_in_use_is_reported_in_one_sentence(options: list[str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "dagrun_api", "serve", "--port", "0", *options, "--metrics-port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        f"dagrun-api: Cannot listen on 127.0.0.1 port {port}: another process uses it; "
        "choose another with --metrics-port.\n"
    )


async def test_a_locked_database_shows_in_the_metrics(options: list[str], tmp_path: Path) -> None:
    body = {"dag_id": "hello", "start_date": "2017-09-01", "end_date": "2017-09-02"}
    with serving(tmp_path, *options, "--lock-timeout", "1") as process:
        async with ClientSession() as session, asyncio.timeout(20):

            async def create() -> int:
                async with session.post(f"{process.address}/api/v1/dag_runs", json=body) as response:
                    return response.status

            with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                creating = [asyncio.create_task(create()) for _ in range(4)]
                waiting = 0.0
                while not waiting:  # it is another process that is waited for
                    await asyncio.sleep(0.02)
                    waiting = (await scrape(session, metrics_url(process)))["dagrun_api_pool_waiting_requests"]
                assert set(await asyncio.gather(*creating)) == {503}
                other.execute("ROLLBACK")
            assert await create() == 200
            found = await scrape(session, metrics_url(process))
    assert found["dagrun_api_database_errors_totallocked"] == 4
    assert found["dagrun_api_pool_waiting_requests"] == 0
    assert found["dagrun_api_runs_created_total"] == 2
    assert found["dagrun_api_requests_totalPOST/api/v1/dag_runs503"] == 4
