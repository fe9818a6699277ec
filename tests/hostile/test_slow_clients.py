"""Clients that are slow, silent, in a hurry, or half gone: a real service serves the others meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tests.hostile.conftest import Start
from tests.hostile.raw import ask, exchange
from tests.service.process import ServiceProcess

GET = b"GET /api/v1/dags HTTP/1.1\r\nHost: localhost\r\n\r\n"
PATIENCE = 30.0
"""Seconds in which things must happen that take far less: on a busy machine a smaller figure says nothing."""


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110  # it becomes true in another process
            await asyncio.sleep(0.02)


async def test_500_silent_connections_disturb_no_one_and_time_out(service: ServiceProcess) -> None:
    before = service.sockets
    silent = [await asyncio.open_connection("127.0.0.1", service.port) for _ in range(500)]
    for place, (_, writer) in enumerate(silent):
        writer.write((b"", b"GET /api/v1/d", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A", b"\r\n")[place % 4])
    await until(lambda: service.sockets >= before + 500)
    begun = time.monotonic()
    for _ in range(100):
        assert (await ask(service.port, GET)).status == 200
    assert time.monotonic() - begun < PATIENCE
    for _, writer in silent:
        writer.transport.abort()
    await until(lambda: service.sockets <= before)


async def test_a_client_that_closes_its_side_is_let_go(service: ServiceProcess) -> None:
    before = service.sockets
    body = b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
    halves = [b"", b"GET /api", GET[:-2], GET, body, GET * 50, b"\x16\x03\x01"]
    clients = [(await asyncio.open_connection("127.0.0.1", service.port), sent) for sent in halves * 20]
    for (_, writer), sent in clients:
        writer.write(sent)
        writer.write_eof()
    for (reader, writer), _ in clients:
        await asyncio.wait_for(reader.read(), PATIENCE)
        writer.close()
    await until(lambda: service.sockets <= before)
    assert (await ask(service.port, GET)).status == 200


async def test_a_request_sent_byte_by_byte_is_read_as_a_whole(service: ServiceProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    head = b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    for byte in head + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    answer = await asyncio.wait_for(reader.readuntil(b"}}"), PATIENCE)
    writer.close()
    assert b"The key dag_id is required" in answer


async def test_200_requests_sent_at_once_are_answered_in_order(service: ServiceProcess) -> None:
    requests = [b"GET /api/v1/nowhere/%d HTTP/1.1\r\nHost: localhost\r\n\r\n" % number for number in range(199)]
    got, _ = await exchange(service.port, b"".join(requests) + GET[:-2] + b"Connection: close\r\n\r\n")
    assert [each.status for each in got] == [404] * 199 + [200]
    assert [each.payload["error"].split(" ")[3] for each in got[:199]] == [
        f"/api/v1/nowhere/{number}" for number in range(199)
    ]


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 5_000_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"b" * 50_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X" * 50_000_000 + b": b\r\n\r\n",
        b"GET /" + b"a" * 50_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"G" * 50_000_000,
        b"\r\n" * 5_000_000 + b"x",
    ],
    ids=["headers", "a value", "a name", "a path", "a method", "empty lines"],
)
async def test_what_never_ends_is_refused_before_it_fills_the_memory(
    service: ServiceProcess, request_bytes: bytes
) -> None:
    before = service.memory
    assert (await ask(service.port, request_bytes)).status == 400
    assert service.memory - before < 20_000_000


async def test_a_body_that_comes_byte_by_byte_keeps_nobody_waiting(start: Start) -> None:
    with start("--body-timeout", "1") as service:
        reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
        answer = asyncio.create_task(reader.readuntil(b"\r\n"))
        async with asyncio.timeout(PATIENCE):
            while not answer.done():
                writer.write(b" ")
                assert (await ask(service.port, GET)).status == 200
        assert (await answer).startswith(b"HTTP/1.1 408 ")
        writer.transport.abort()
