"""What the server does with too many connections, with clients that do not read, and with too few files."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import pytest

from dagrun_api.serving import connection, descriptors, draining, listener, tally
from dagrun_api.serving.tally import Tally
from dagrun_api.settings import Settings
from tests.unit.serving import Serving, port

Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(address: str, *, buffer: int | None = None) -> AsyncGenerator[Client]:
    """Connect, with a receive buffer of so many bytes."""
    made = socket.socket()
    if buffer is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    made.setblocking(False)
    await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port(address)))
    reader, writer = await asyncio.open_connection(sock=made, limit=1024)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(client: Client, path: str = "/wait?seconds=0") -> bytes:
    """Return the answer to a request; empty if the connection was closed."""
    reader, writer = client
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode("ascii"))
        return await asyncio.wait_for(reader.readuntil(b"}"), 5)
    return b""


async def rest(client: Client) -> int:
    """Return how many bytes still come before the connection is closed."""
    count = 0
    with suppress(ConnectionError):
        while got := await asyncio.wait_for(client[0].read(65536), 5):
            count += len(got)
    return count


# --- too many connections ---


async def test_the_connection_idle_for_longest_makes_room(serving: Serving) -> None:
    async with serving(max_connections=2) as address, connected(address) as first, connected(address) as second:
        for client in (first, second, first):
            assert await ask(client)
        async with connected(address) as third:
            assert await ask(third)
            assert not await ask(second)
            assert await ask(first)


async def test_a_request_on_its_way_keeps_its_connection(serving: Serving) -> None:
    async with serving(max_connections=2) as address, connected(address) as first, connected(address) as second:
        for client in (first, second):
            assert await ask(client)
        # The server sees both at once, this connection and the next request on the first one.
        with socket.create_connection(("127.0.0.1", port(address))):
            assert await ask(first)
            assert not await ask(second)


async def test_a_client_that_has_gone_makes_room(serving: Serving) -> None:
    async with serving(max_connections=2) as address, connected(address) as first, connected(address) as second:
        for client in (first, second):
            assert await ask(client)
        with socket.create_connection(("127.0.0.1", port(address))):
            first[1].write_eof()
            assert await ask(second)


async def test_a_busy_connection_does_not_make_room(serving: Serving) -> None:
    async with serving(max_connections=1) as address, connected(address) as first:
        answer = asyncio.create_task(ask(first, "/wait?seconds=0.3"))
        await asyncio.sleep(0.1)
        async with connected(address) as second:
            assert not await ask(second)
        assert await answer


async def test_a_new_connection_is_given_time_for_a_request(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(max_connections=1) as address, connected(address) as silent:
        await asyncio.sleep(0.1)
        async with connected(address) as second:
            assert not await ask(second)
        monkeypatch.setattr(connection, "_SPARED_SECONDS", 0)
        async with connected(address) as third:
            assert await ask(third)
        assert not await ask(silent)


async def test_a_connection_that_has_ended_counts_no_longer(serving: Serving) -> None:
    async with serving(max_connections=1) as address:
        for _ in range(5):
            async with connected(address) as client:
                assert await ask(client)
            await asyncio.sleep(0.05)


async def test_refused_connections_are_counted_until_the_end(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tally, "_SECONDS_BEFORE_A_LINE", 100)
    async with serving(max_connections=1) as address, connected(address) as first:
        answer = asyncio.create_task(ask(first, "/wait?seconds=0.5"))
        await asyncio.sleep(0.1)
        for _ in range(3):
            async with connected(address) as other:
                assert not await ask(other)
        await answer
    lines = [each.getMessage() for each in caplog.records if each.name == "dagrun_api.serving.crowd"]
    assert lines == ["Refused 3 connections: 1 are open, which is the limit, and none of them is idle"]


async def test_lines_are_few_and_say_how_often(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tally, "_SECONDS_BEFORE_A_LINE", 0)
    monkeypatch.setattr(tally, "_SECONDS_BETWEEN_LINES", 0.1)
    counting = Tally(logging.getLogger("dagrun_api.test"), "%d times, last %s")
    for number in range(100):
        counting.add(number)
        await asyncio.sleep(0.002)
    await asyncio.sleep(0.2)
    lines = [each.getMessage() for each in caplog.records]
    assert 1 < len(lines) < 20
    assert sum(int(line.partition(" ")[0]) for line in lines) == 100
    assert lines[-1].endswith("last 99")


# --- clients that do not read ---


@pytest.mark.parametrize("size", [60_000, 1_000_000])
async def test_a_client_that_does_not_read_is_disconnected(serving: Serving, size: int) -> None:
    async with serving(write_timeout=0.3) as address, connected(address, buffer=4096) as client:
        client[1].write(f"GET /large?size={size} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("ascii"))
        await asyncio.sleep(1)
        assert await rest(client) < size


async def test_a_client_that_reads_gets_all_of_the_answer(serving: Serving) -> None:
    async with serving(write_timeout=5) as address, connected(address, buffer=4096) as client:
        client[1].write(b"GET /large?size=300000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await asyncio.sleep(0.3)
        assert await rest(client) > 300_000


@pytest.mark.parametrize("size", [60_000, 1_000_000])
async def test_the_end_does_not_wait_for_clients_that_do_not_read(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, size: int
) -> None:
    monkeypatch.setattr(draining, "_READING_SECONDS", 0.2)
    async with AsyncExitStack() as clients, serving(write_timeout=100, shutdown_timeout=100) as address:
        _, writer = await clients.enter_async_context(connected(address, buffer=4096))
        writer.write(f"GET /large?size={size} HTTP/1.1\r\nHost: x\r\n\r\n".encode("ascii"))
        await asyncio.sleep(0.3)
    assert "cut off" not in caplog.text


async def test_the_end_waits_a_moment_for_a_client_that_reads(serving: Serving) -> None:
    async with AsyncExitStack() as clients:
        async with serving() as address:
            client = await clients.enter_async_context(connected(address, buffer=4096))
            client[1].write(b"GET /large?size=300000 HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.sleep(0.2)
            reading = asyncio.create_task(rest(client))
        assert await reading > 300_000


# --- too few files ---


@pytest.fixture
def soft_limit() -> Iterator[Callable[[int], None]]:
    """Set how many files this process may open, until the end of the test."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield lambda files: resource.setrlimit(resource.RLIMIT_NOFILE, (files, before[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_soft_limit_of_files_is_raised_to_the_hard_one(soft_limit: Callable[[int], None]) -> None:
    soft_limit(500)
    files = descriptors.raise_limit()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == hard
    assert files >= soft or hard == resource.RLIM_INFINITY


@pytest.mark.parametrize(("files", "expected"), [(20_000, 1000), (1024, 881), (64, 16)])
def test_the_limit_of_connections_fits_into_that_of_files(
    files: int, expected: int, caplog: pytest.LogCaptureFixture
) -> None:
    assert descriptors.affordable(Settings(), files) == expected
    told = f"Serving at most {expected} connections instead of 1000 (max_connections)"
    assert (told in caplog.text) == (expected < 1000)


async def test_without_a_file_left_accepting_pauses_and_goes_on(
    serving: Serving,
    soft_limit: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(listener, "_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr(tally, "_SECONDS_BEFORE_A_LINE", 100)
    async with serving() as address, connected(address) as early, connected(address) as late:
        assert await ask(early)
        assert await ask(late)
        with socket.socket() as waiting:
            waiting.setblocking(False)
            with socket.socket() as next_file:
                none_left = next_file.fileno()
            soft_limit(none_left)
            await asyncio.get_running_loop().sock_connect(waiting, ("127.0.0.1", port(address)))
            await asyncio.sleep(0.3)
            assert await ask(early)
            soft_limit(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
            waiting.send(b"GET /wait?seconds=0 HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200 OK" in await asyncio.wait_for(asyncio.get_running_loop().sock_recv(waiting, 1024), 5)
    lines = [each.getMessage() for each in caplog.records if each.name == "dagrun_api.serving.listener"]
    # One after a while, and at the end one about what happened since.
    assert 1 <= len(lines) <= 2
    assert lines[0].endswith("Too many open files")
