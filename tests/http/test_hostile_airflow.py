"""Retrying beside something that answers in Airflow's place, and means no good."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dagrun_api.airflow_api import clearing, connection
from tests.databases.worlds import MemoryWorld
from tests.http.airflow import PASSWORD, USER
from tests.http.conftest import Serve
from tests.http.test_retry_requests import counts, fill, retried

Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]
Found = Callable[[Handle], Awaitable[Mapping[str, Any]]]
TOKEN = {"airflow_token": "t0ken"}
LOGIN = {"airflow_username": USER, "airflow_password": PASSWORD}


@pytest.fixture
def ask(serve: Serve, aiohttp_server: Callable[[web.Application], Awaitable[TestServer]]) -> Any:
    """Retry a batch beside a server that handles every request in one way."""

    async def ask(handle: Handle, login: Mapping[str, str] = TOKEN) -> Mapping[str, Any]:
        app = web.Application()
        app.router.add_post("/{path:.*}", handle)
        server = await aiohttp_server(app)
        return await retried(await serve(airflow_url=str(server.make_url("")), **login))

    return ask


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" " * 65536)


async def bomb(request: web.Request) -> web.StreamResponse:
    return web.Response(body=gzip.compress(b" " * 200_000_000, 1), headers={"Content-Encoding": "gzip"})


async def test_an_endless_answer_is_not_read_to_its_end(world: MemoryWorld, ask: Any) -> None:
    await fill(world, 1)
    began = time.monotonic()
    found = await ask(endless)
    assert time.monotonic() - began < 5
    assert counts(found) == (1, 0, 1)
    assert found["warnings"] == [
        "1 run is left: Airflow's API gave an answer that is too long; it may have cleared them."
    ]


async def test_a_compressed_answer_is_bounded_as_well(world: MemoryWorld, ask: Any) -> None:
    await fill(world, 1)
    found = await ask(bomb)
    assert "too long" in found["warnings"][0]


@pytest.mark.parametrize(
    "body", [b"[" * 500_000, b'{"state":' * 200_000, b"\xff\xfe{", b'{"state": ["queued"]}', b"1" * 9000]
)
async def test_strange_json_is_not_that_of_airflow(body: bytes, world: MemoryWorld, ask: Any) -> None:
    await fill(world, 1)

    async def strange(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    for login in (TOKEN, LOGIN):
        found = await ask(strange, login)
        assert found["cleared"] == 0
        assert found["left"] == 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "rot13"])
async def test_an_answer_that_cannot_be_unpacked_is_none(encoding: str, world: MemoryWorld, ask: Any) -> None:
    await fill(world, 1)

    async def packed(request: web.Request) -> web.Response:
        return web.Response(body=b"\0" * 100, headers={"Content-Encoding": encoding})

    assert counts(await ask(packed)) == (1, 0, 1)


async def test_a_login_that_hangs_is_waited_for_once(
    world: MemoryWorld, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.5)
    monkeypatch.setattr(clearing, "TIMEOUT", 0.5)
    await fill(world, 90, airflow="3.1")
    asked = 0

    async def hanging(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(20)
        raise AssertionError

    began = time.monotonic()
    found = await ask(hanging, LOGIN)
    assert time.monotonic() - began < 1
    assert (counts(found), asked) == ((1, 0, 90), 1)
    (warning,) = found["warnings"]
    assert warning.startswith("90 runs are left: ")
    assert warning.endswith(", when the service logs in.")


async def test_a_wrong_password_is_tried_once(world: MemoryWorld, ask: Any) -> None:
    await fill(world, 90, airflow="3.1")
    asked = 0

    async def refusing(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return web.Response(status=401)

    found = await ask(refusing, LOGIN)
    assert (counts(found), asked) == ((1, 0, 90), 1)


async def test_a_login_and_its_request_take_no_longer_than_one_request(
    world: MemoryWorld, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "TIMEOUT", 0.8)
    await fill(world, 4, airflow="3.1")

    async def slow(request: web.Request) -> web.Response:
        if request.path.endswith("/token"):
            await asyncio.sleep(0.3)
            return web.json_response({"access_token": "token-1"})
        await asyncio.sleep(0.6)
        return web.Response(status=401)

    monkeypatch.setattr(clearing, "PATIENCE", 0.1)
    began = time.monotonic()
    assert counts(await ask(slow, LOGIN)) == (1, 0, 4)
    assert time.monotonic() - began < 1.2
