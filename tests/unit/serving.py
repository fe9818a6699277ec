"""A stand-in for the API behind the real server, and bytes to send to it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from aiohttp import web

from dagrun_api.batches.service import Service
from dagrun_api.errors import ConfigurationError
from dagrun_api.serving import server
from dagrun_api.settings import Settings
from dagrun_api.web.masking import Mask
from dagrun_api.web.metrics import Metrics
from dagrun_api.web.outage import OutageLog
from dagrun_api.web.readiness import Readiness
from dagrun_api.web.runtime import RUNTIME, Runtime
from tests.contract.memory import MemoryStore

__all__ = ["Serving", "application", "exchange", "failing", "port"]

Serving = Callable[..., AbstractAsyncContextManager[str]]


def application(settings: Settings) -> web.Application:
    """A stand-in for the API that is slow or fails on demand, and has no middleware."""

    async def wait(request: web.Request) -> web.Response:
        await asyncio.sleep(float(request.query["seconds"]))
        return web.json_response({"draining": app[RUNTIME].draining.is_set()})

    async def large(request: web.Request) -> web.Response:
        assert request.transport is not None
        # So small that the system does not take all of the answer.
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return web.Response(body=b"x" * int(request.query["size"]))

    async def fail(request: web.Request) -> web.Response:
        raise RuntimeError("hunter2")

    app = web.Application()
    service = Service(MemoryStore())
    app[RUNTIME] = Runtime(
        settings=settings,
        routes={},
        document=dict,
        service=service,
        readiness=Readiness(service),
        metrics=Metrics(service.state),
        outage=OutageLog(),
        mask=Mask(settings),
        draining=asyncio.Event(),
    )
    app.router.add_get("/wait", wait)
    app.router.add_get("/large", large)
    app.router.add_get("/fail", fail)
    app.router.add_get("/healthz", wait)
    return app


async def failing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return why a server with these settings does not start."""
    monkeypatch.setattr(server, "create_app", application)
    with pytest.raises(ConfigurationError) as caught:
        await asyncio.wait_for(server.serve(settings), 5)
    return str(caught.value)


def port(address: str) -> int:
    return int(address.rpartition(":")[2])


async def exchange(address: str, request: bytes) -> tuple[bytes, bytes]:
    """Send bytes and read what comes until the connection is closed: the head, and the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port(address))
    try:
        writer.write(request)
        head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")
        return head, body
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
