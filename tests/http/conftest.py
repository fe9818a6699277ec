"""A client of the whole application on the reference store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient

from dagrun_api import Settings, create_app
from tests.databases.worlds import MemoryWorld

Api = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[Api]]
AiohttpClient = Callable[[web.Application], Awaitable[Api]]


@pytest.fixture
def world() -> MemoryWorld:
    return MemoryWorld()


@pytest.fixture
def serve(world: MemoryWorld, aiohttp_client: AiohttpClient) -> Serve:
    """Serve the application with other settings."""

    async def serve(**settings: Any) -> Api:
        return await aiohttp_client(create_app(Settings(**settings), store=world.store))

    return serve


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve()


async def answer(response: ClientResponse) -> dict[str, Any]:
    """Return what is in the envelope, which every answer must have."""
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    whole = await response.json()
    assert set(whole) == {"response"}
    payload: dict[str, Any] = whole["response"]
    assert isinstance(payload, dict)
    if response.status >= 400:
        assert set(payload) == {"error"}
        assert payload["error"]
        assert "\n" not in payload["error"]
    return payload


async def error(response: ClientResponse, status: int = 400) -> str:
    """Return the sentence of an error."""
    payload = await answer(response)
    assert response.status == status, payload
    return str(payload["error"])
