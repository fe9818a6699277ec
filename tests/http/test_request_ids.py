"""Each log line that a request causes carries the id of the request, in a real process."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from dagrun_api import Settings, create_app
from dagrun_api.logs import RequestIds
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient
from tests.service.process import ServiceProcess, serving

RUNS = "/api/v1/dag_runs"

# A store that talks and warns, and fails on demand; it knows nothing of requests.
PROGRAM = """
import asyncio, logging, sys, warnings
from dagrun_api.cli import main as command_line
from dagrun_api.sqlstore.store import SQLStore

async def talkative(store, run_id, dag_id, *, limit):
    logging.getLogger("deep.store").warning("looking for %s", run_id)
    await asyncio.sleep(0.01)
    warnings.warn(f"slow: {run_id}")
    if run_id == "broken":
        raise RuntimeError(run_id)
    await asyncio.gather(looking(run_id), asyncio.to_thread(logging.getLogger("deep.thread").info, "for %s", run_id))
    return []

async def looking(run_id):
    logging.getLogger("deep.task").info("for %s", run_id)

SQLStore.runs_named = talkative
sys.exit(command_line.main())
"""


@pytest.fixture
def service(tmp_path: Path) -> Generator[ServiceProcess]:
    """A service with JSON lines."""
    catalogue = tmp_path / "dags.toml"
    catalogue.write_text('[[dag]]\ndag_id = "hello"\nschedule = "@daily"\n')
    options = ["--database", f"sqlite:///{tmp_path}/a.db", "--dags", str(catalogue), "--log-format", "json"]
    with serving(tmp_path, *options, program=(sys.executable, "-W", "always::UserWarning", "-c", PROGRAM)) as service:
        yield service


async def lines_of(service: ServiceProcess) -> list[dict[str, Any]]:
    """Stop it, and return what it has logged since it listens."""
    service.terminate()
    await service.ended()
    return [json.loads(line) for line in service.log.splitlines()][1:]


async def test_every_line_of_a_request_has_its_id(service: ServiceProcess) -> None:
    async with ClientSession(service.address) as session:
        body = {"dag_id": "hello", "start_date": "2017-09-01", "end_date": "2017-09-01"}
        async with session.post(RUNS, json=body, headers={"X-Request-ID": "id-post"}) as response:
            assert response.status == 200
        async with session.get(f"{RUNS}/broken", headers={"X-Request-ID": "id-broken"}) as response:
            assert response.status == 500
        async with session.get("/nowhere") as response:
            own = response.headers["X-Request-ID"]

        async def look(number: int) -> None:
            async with session.get(f"{RUNS}/run{number}", headers={"X-Request-ID": f"id-run{number}"}) as response:
                assert response.status == 404

        await asyncio.gather(*map(look, range(20)))
    found = await lines_of(service)
    of_process = [line["message"].split()[0] for line in found if "request_id" not in line]
    assert of_process == ["Stopping:", "Stopped"]
    assert [line["logger"] for line in found if line.get("request_id") == own] == ["dagrun_api.access"]
    assert {line["logger"] for line in found if line.get("request_id") == "id-post"} == {
        "dagrun_api.audit",
        "dagrun_api.access",
    }
    assert [line["logger"] for line in found if line.get("request_id") == "id-broken"] == [
        "deep.store",
        "py.warnings",
        "dagrun_api.web.middleware",
        "dagrun_api.access",
    ]
    for number in range(20):
        of_one = [line for line in found if line.get("request_id") == f"id-run{number}"]
        names = ["dagrun_api.access", "deep.store", "deep.task", "deep.thread", "py.warnings"]
        assert sorted(line["logger"] for line in of_one) == names
        told = [line["path"] if line["logger"] == "dagrun_api.access" else line["message"] for line in of_one]
        assert all(re.search(rf"\brun{number}\b", text) for text in told), told


async def test_malformed_http_after_a_request_has_its_own_id(
    service: ServiceProcess,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    writer.write(b"HEAD /nowhere HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: first\r\n\r\n")
    first = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"NONSENSE\r\n\r\n")
    second = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert first.startswith(b"HTTP/1.1 404")
    assert second.startswith(b"HTTP/1.0 400")
    found = [(line["logger"], line["request_id"]) for line in await lines_of(service) if "request_id" in line]
    assert found[0] == ("dagrun_api.access", "first")
    assert [name for name, _ in found[1:]] == ["dagrun_api.serving.connection", "dagrun_api.access"]
    assert len({request_id for _, request_id in found[1:]} - {"first"}) == 1


async def test_a_host_gets_the_id_from_the_filter_on_its_handler(
    world: MemoryWorld, aiohttp_client: AiohttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append((record.getMessage(), getattr(record, "request_id", None)))

    kept: list[tuple[str, str | None]] = []
    handler = Kept()
    handler.addFilter(RequestIds())
    logger = logging.getLogger("somebody")
    monkeypatch.setattr(logger, "handlers", [handler])

    async def dags() -> list[object]:
        logger.warning("deep")
        return []

    monkeypatch.setattr(world.store, "dags", dags)
    host = web.Application()
    host.add_subapp("/airflow", create_app(Settings(), store=world.store))
    client = await aiohttp_client(host)
    await client.get("/airflow/api/v1/dags", headers={"X-Request-ID": "mine"})
    logger.warning("outside")
    assert kept == [("deep", "mine"), ("outside", None)]
