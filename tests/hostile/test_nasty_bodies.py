"""Bodies on a real service: what they hold, what their headers claim of them, and what memory is left afterwards."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.hostile.bodies import BODIES, CODED
from tests.hostile.conftest import Start
from tests.hostile.raw import ask, exchange
from tests.service.process import ServiceProcess

MEGABYTE = 1_000_000
SLOW = 5.0
"""Seconds: what takes milliseconds may take as long on a machine that others use; a hang takes longer."""
HEAD = b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\n"


def post(body: bytes, *headers: bytes) -> bytes:
    lines = [b"Content-Length: %d" % len(body), *headers]
    return HEAD + b"\r\n".join(lines) + b"\r\n\r\n" + body


@pytest.mark.parametrize("name", BODIES)
async def test_a_body_that_cannot_be_is_refused_at_once(service: ServiceProcess, name: str) -> None:
    begun = time.monotonic()
    answer = await ask(service.port, post(BODIES[name]))
    assert answer.status == 400
    assert len(answer.payload["error"]) < 1000
    assert time.monotonic() - begun < SLOW


@pytest.mark.parametrize("name", CODED)
async def test_a_compressed_body_is_refused_without_inflating_it(service: ServiceProcess, name: str) -> None:
    coding, body = CODED[name]
    before = service.memory
    answer = await ask(service.port, post(body, b"Content-Encoding: " + coding.encode()))
    assert answer.status == 400
    assert "Content-Encoding" in answer.payload["error"]
    assert service.memory - before < 10 * MEGABYTE


async def test_a_body_larger_than_the_limit_is_not_waited_for(service: ServiceProcess) -> None:
    for length in (b"65537", b"99999999999"):
        assert (await ask(service.port, HEAD + b"Content-Length: " + length + b"\r\n\r\n{")).status == 413
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    assert (await ask(service.port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 9)).status == 413


async def test_after_a_short_length_the_rest_is_a_bad_request(service: ServiceProcess) -> None:
    got, closed = await exchange(service.port, HEAD + b'Content-Length: 2\r\n\r\n{}{"dag_id": "hello"}')
    assert {each.status for each in got} == {400}
    assert closed


@pytest.mark.parametrize(
    "unfinished",
    [
        b"Content-Length: 100\r\n\r\n{}",
        b"Content-Length: 100\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n2;" + b"a" * 200_000,
    ],
    ids=["a length too long", "nothing", "chunks without an end", "a chunk without an end", "an extension without end"],
)
async def test_an_endless_body_times_out_and_a_cut_one_is_no_error(start: Start, unfinished: bytes) -> None:
    with start("--body-timeout", "0.3") as service:
        assert (await ask(service.port, HEAD + unfinished)).status == 408
        _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(HEAD + unfinished)
        await writer.drain()
        writer.transport.abort()
        assert (await ask(service.port, post(b"{}"))).status == 400
        log = service.log
        assert "ERROR" not in log
        assert "Traceback" not in log


async def test_a_thousand_of_each_leave_no_memory_behind(service: ServiceProcess) -> None:
    everything = [post(body) for body in BODIES.values()]
    everything += [post(body, b"Content-Encoding: " + coding.encode()) for coding, body in CODED.values()]
    everything += [post(b"{}", b"Connection: close")]

    async def repeat(times: int) -> None:
        for _ in range(times):
            got, _ = await exchange(service.port, b"".join(everything))
            assert {each.status for each in got} == {400}
            assert len(got) == len(everything)

    await repeat(5)
    before = service.memory
    await repeat(25)
    grown = service.memory - before
    print(f"{25 * len(everything)} hostile bodies; memory grew by {grown / MEGABYTE:.1f} MB")
    assert grown < 8 * MEGABYTE
