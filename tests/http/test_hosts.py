"""DNS rebinding: without tokens, a page whose name leads to the service must not reach it."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest
from aiohttp import web

import dagrun_api
from dagrun_api import Rights, Settings, create_app
from dagrun_api.web.app import create_monitor
from tests.databases.worlds import MemoryWorld
from tests.http.conftest import AiohttpClient, Api, Serve, answer, error

EVIL = {"Host": "evil.example"}

PATHS = [
    "/",
    "/reference",
    "/static/app/app.js",
    "/metrics",
    "/nowhere",
    "/healthz/",
    "/api/v1/openapi.json",
    "/api/v1/dags",
    "/api/v1/dag_runs/x",
    "/api/v1/batches/x",
]


@pytest.mark.parametrize("path", PATHS)
async def test_another_host_reaches_nothing(api: Api, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS", "DELETE"):
        sentence = await error(await api.request(method, path, headers=EVIL), 403)
        assert "the host 'evil.example'" in sentence
        assert "allowed_hosts" in sentence
    assert (await api.get(path, headers={"Host": "localhost"})).status != 403


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_the_probes_answer_to_any_host(api: Api, path: str) -> None:
    assert (await api.get(path, headers=EVIL)).status == 200


async def test_a_batch_for_another_host_is_not_created(api: Api, world: MemoryWorld) -> None:
    await world.add_dag("a")
    body = {"dag_id": "a"}
    # This is what a browser sends for a page of evil.example: for the browser, both are one site.
    headers = {"Host": "evil.example:8080", "Origin": "http://evil.example:8080", "Sec-Fetch-Site": "same-origin"}
    await error(await api.post("/api/v1/dag_runs", json=body, headers=headers), 403)
    assert (await answer(await api.get("/api/v1/dag_runs")))["dag_runs"] == []
    assert (await api.post("/api/v1/dag_runs", json=body)).status == 200


async def test_the_body_for_another_host_is_not_read(api: Api) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 403")
    assert (await reader.read()).endswith(b"}}")
    writer.close()


async def test_no_other_header_names_the_host(serve: Serve) -> None:
    api = await serve(allowed_hosts="runs.example")
    for name in ("X-Forwarded-Host", "Forwarded", "X-Host", "X-Original-Host", "X-Forwarded-Server"):
        for value in ("localhost", "runs.example", "host=localhost"):
            assert (await api.get("/api/v1/dags", headers={**EVIL, name: value})).status == 403
    assert (await api.get("/api/v1/dags", headers={"Host": "localhost", "X-Forwarded-Host": "evil.example"})).ok


async def test_the_operator_allows_names(serve: Serve) -> None:
    api = await serve(allowed_hosts=("runs.example", "Runs"))
    for host, status in (("runs.example", 200), ("runs:8080", 200), ("127.0.0.1", 200), ("evil.example", 403)):
        assert (await api.get("/api/v1/dags", headers={"Host": host})).status == status
    assert (await (await serve(allowed_hosts=("*",))).get("/api/v1/dags", headers=EVIL)).status == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /api/v1/dags HTTP/1.0", 403),
        (b"GET /api/v1/dags HTTP/1.0\r\nHost: 127.0.0.1", 200),
        (b"GET /healthz HTTP/1.0", 200),
        (b"GET /api/v1/dags HTTP/1.1\r\nHost:", 403),
        (b"GET /api/v1/dags HTTP/1.1\r\nHost: \xff", 403),
        (b"GET http://evil.example/api/v1/dags HTTP/1.1\r\nHost: localhost", 403),
        (b"GET http://localhost/api/v1/dags HTTP/1.1\r\nHost: evil.example", 403),
        (b"GET http://localhost/api/v1/dags HTTP/1.1\r\nHost: localhost", 200),
        (b"GET //evil.example/api/v1/dags HTTP/1.1\r\nHost: localhost", 404),
    ],
    ids=ascii,
)
async def test_the_host_is_read_from_the_request_itself(api: Api, head: bytes, status: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
    writer.write(head + b"\r\nConnection: close\r\n\r\n")
    assert int((await reader.readline()).split()[1]) == status
    await reader.read()
    writer.close()


async def test_with_a_token_any_host_will_do(serve: Serve) -> None:
    api = await serve(token="s3cret")
    assert (await api.get("/api/v1/dags", headers=EVIL)).status == 401
    assert (await api.get("/api/v1/dags", headers=EVIL | {"Authorization": "s3cret"})).status == 200
    assert (await api.get("/", headers=EVIL)).status == 200


@pytest.mark.parametrize("how", ["setup", "add_subapp"])
async def test_within_an_application_any_host_will_do(
    world: MemoryWorld, aiohttp_client: AiohttpClient, how: str
) -> None:
    host = web.Application()
    if how == "setup":
        dagrun_api.setup(host, prefix="/airflow", settings=Settings(), store=world.store)
    else:
        host.add_subapp("/airflow", create_app(Settings(), store=world.store))
    api = await aiohttp_client(host)
    assert (await api.get("/airflow/api/v1/dags", headers=EVIL)).status == 200
    assert (await api.get("/airflow/nowhere", headers=EVIL)).status == 404


async def test_users_of_an_application_alone_are_protected(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    asked: list[Any] = []

    async def authorize(request: web.Request) -> Rights:
        asked.append(request)
        return Rights("ann")

    api = await aiohttp_client(create_app(Settings(), store=world.store, authorize=authorize))
    await error(await api.get("/api/v1/dags", headers=EVIL), 403)
    assert asked == []
    assert (await api.get("/api/v1/dags")).status == 200


async def test_the_metrics_port_answers_to_any_host(world: MemoryWorld, aiohttp_client: AiohttpClient) -> None:
    app = create_app(Settings(), store=world.store)
    await aiohttp_client(app)
    monitor = await aiohttp_client(create_monitor(app))
    assert (await monitor.get("/metrics", headers=EVIL)).status == 200


async def test_a_refusal_has_a_line_with_its_id(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for number in range(3):
            await api.post("/api/v1/dag_runs", headers=EVIL | {"X-Request-ID": f"id{number}"})
    (record,) = caplog.records
    assert "'evil.example'" in record.getMessage()
    assert (record.name, record.__dict__["request_id"]) == ("dagrun_api.web.host", "id0")
