"""A crowd of connections: some stay, some do not read, some are too many for the process. The service goes on."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, TCPConnector

from dagrun_api.serving.descriptors import raise_limit
from tests.adversity.figures import Figures
from tests.adversity.service import WatchedService, serving
from tests.adversity.waiting import until
from tests.service.ports import free_port
from tests.service.process import ServiceProcess

STAYING = 1100
NOT_READING = 300
PIPELINED = b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100
"""Answers of 6 MB, more than the system takes for a client that does not read."""

LOG = 20_000
"""Bytes that a crowd may add to the log."""


@pytest.fixture(autouse=True)
def enough_files() -> None:
    raise_limit()


async def stay(port: int) -> socket.socket:
    """Connect, be answered, and stay."""
    loop = asyncio.get_running_loop()
    client = socket.socket()
    client.setblocking(False)
    await loop.sock_connect(client, ("127.0.0.1", port))
    await loop.sock_sendall(client, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await loop.sock_recv(client, 1000)).startswith(b"HTTP/1.1 200 ")
    return client


@contextmanager
def not_reading(port: int) -> Generator[None]:
    """Ask for more than the system takes, in many connections, and read nothing."""
    clients = [socket.socket() for _ in range(NOT_READING)]
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(PIPELINED)
    yield
    for client in clients:
        client.close()


async def alive(service: ServiceProcess, figures: Figures, path: str = "/healthz", times: int = 20) -> None:
    """Ask on a new connection each time, as a probe does."""
    async with ClientSession(connector=TCPConnector(force_close=True)) as session:
        for _ in range(times):
            began = time.monotonic()
            async with session.get(f"{service.address}{path}") as response:
                assert response.status == 200
            figures.longest("a request in a crowd of connections", time.monotonic() - began)


async def come_to_rest(service: ServiceProcess) -> None:
    spent = [-1.0]

    def rests() -> bool:
        spent.append(service.processor_seconds)
        return spent[-1] == spent[-2]

    await until("the service has nothing to do", rests, pause=0.5)


async def held(service: WatchedService) -> tuple[int, int, int]:
    """Return how many sockets, files and tasks it has, when it has come to rest."""
    await come_to_rest(service)
    return service.sockets, service.open_files, await service.tasks()


@pytest.mark.soak
async def test_a_crowd_of_connections_shuts_nobody_out(tmp_path: Path, figures: Figures) -> None:
    options = ("--no-access-log", "--write-timeout=3")
    async with serving(f"sqlite:///{tmp_path / 'own.db'}", tmp_path, *options) as service:
        await alive(service, figures, "/api/v1/dags")
        before = await held(service)
        staying = [await stay(service.port) for _ in range(STAYING)]
        await alive(service, figures)
        for client in staying:
            client.close()
        with not_reading(service.port):
            await alive(service, figures)
            await until("those who do not read are closed", lambda: service.sockets <= before[0])
        await alive(service, figures, "/api/v1/dags", 100)
        assert await held(service) == before
        service.terminate()
        assert await service.ended() == 0
    figures.count("bytes of log about crowds of connections", len(service.log))
    assert len(service.log) < LOG
    assert "idle connections for new ones: 1000 are open" in service.log
    assert "connections whose clients did not read their answers" in service.log


@pytest.mark.soak
async def test_the_end_does_not_wait_for_300_who_do_not_read(tmp_path: Path, figures: Figures) -> None:
    options = ("--no-access-log", "--write-timeout=100")
    async with serving(f"sqlite:///{tmp_path / 'own.db'}", tmp_path, *options) as service:
        with not_reading(service.port):
            await come_to_rest(service)
            began = time.monotonic()
            service.terminate()
            assert await service.ended() == 0
            took = time.monotonic() - began
    figures.longest("until the end with 300 clients who do not read", took)
    assert took < 5
    assert len(service.log) < LOG


FEW = ("sh", "-c", 'ulimit -n 64; exec "$@"', "sh", sys.executable, "-m", "dagrun_api")


async def test_with_few_files_there_are_few_connections(tmp_path: Path, figures: Figures) -> None:
    metrics = free_port()
    async with ServiceProcess.start(tmp_path, f"--metrics-port={metrics}", program=FEW) as service:
        assert "Serving at most 16 connections instead of 1000" in service.log
        staying = [await stay(service.port) for _ in range(40)]
        await alive(service, figures)
        # Connections to the other port use up all the files.
        busy = [socket.create_connection(("127.0.0.1", metrics)) for _ in range(50)]
        await until("no file is left", lambda: "Too many open files" in service.log)
        for client in staying + busy:
            client.close()
        await alive(service, figures, "/api/v1/dags")
        service.terminate()
        assert await service.ended() == 0
    assert service.log.count("Too many open files") < 5
    assert "Traceback" not in service.log
