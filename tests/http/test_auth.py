"""Who may ask."""

from __future__ import annotations

import asyncio
import logging
from unittest.mock import patch

import pytest
from multidict import CIMultiDict

from tests.databases.worlds import MemoryWorld
from tests.http.conftest import Api, Serve, error

TOKEN = "s3cret-Token"

PATHS = ["/api/v1/dags", "/api/v1/dag_runs", "/api/v1/dag_runs/x", "/nowhere", "/api/v1/openapi.json", "/healthz/../x"]


@pytest.fixture
async def guarded(serve: Serve) -> Api:
    return await serve(token=TOKEN)


@pytest.mark.parametrize("path", PATHS)
async def test_without_the_token_there_is_nothing_to_see(guarded: Api, path: str) -> None:
    response = await guarded.get(path)
    await error(response, 401)
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", [TOKEN, f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN}"])
async def test_the_token_opens_bare_and_as_a_bearer(guarded: Api, header: str) -> None:
    assert (await guarded.get("/api/v1/dags", headers={"Authorization": header})).status == 200
    assert (await guarded.get("/nowhere", headers={"Authorization": header})).status == 404


@pytest.mark.parametrize(
    "header",
    [
        "",
        "s",
        TOKEN[:-1],
        f"{TOKEN}x",
        TOKEN.lower(),
        "Bearer",
        "Bearer ",
        f"Basic {TOKEN}",
        f"Token {TOKEN}",
        "é",
        "\udcff",
    ],
)
async def test_anything_else_does_not(guarded: Api, header: str) -> None:
    await error(await guarded.get("/api/v1/dags", headers={"Authorization": header}), 401)


async def test_two_authorization_headers_do_not(guarded: Api) -> None:
    headers = CIMultiDict([("Authorization", TOKEN), ("Authorization", TOKEN)])
    await error(await guarded.get("/api/v1/dags", headers=headers), 401)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_the_probes_are_open(guarded: Api, path: str) -> None:
    assert (await guarded.get(path)).status == 200


async def test_a_refused_request_reads_no_body_and_asks_no_database(guarded: Api, world: MemoryWorld) -> None:
    with patch.object(world.store, "batch", side_effect=AssertionError):
        response = await guarded.post("/api/v1/dag_runs", data=b"x" * 100_000)
    await error(response, 401)
    assert response.headers["Connection"] == "close"


async def test_the_token_is_never_logged(guarded: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await guarded.get("/api/v1/dags", headers={"Authorization": TOKEN})
        await guarded.get("/api/v1/dags", headers={"Authorization": TOKEN + "x"})
    assert TOKEN not in caplog.text


async def test_a_body_is_not_even_invited_without_the_token(guarded: Api) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", guarded.port)
    writer.write(b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 401")
    writer.close()
    await writer.wait_closed()
