"""Requests of which some bytes are others, on bare sockets to a real service."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from pathlib import Path

import pytest

from tests.hostile.bodies import BODIES
from tests.hostile.conftest import catalogue
from tests.hostile.corpus import AMBIGUOUS, SOUND, TARGETS
from tests.hostile.raw import answers
from tests.hostile.rounds import rounds
from tests.hostile.service import LOOPS, serving

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(0)]

SEEDS = [
    *AMBIGUOUS.values(),
    *SOUND.values(),
    *(b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n" for target in TARGETS),
    *(
        b"POST /api/v1/dag_runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        for body in BODIES.values()
        if len(body) < 500
    ),
    b"POST /api/v1/dags/hello/paused/true HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    b"POST /api/v1/batches/etl/retry?dry_run=true HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    b"POST /api/v1/batches/etl/cancel?dag_id=hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    b'GET /api/v1/batches/etl HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "x"\r\nX-Request-ID: 1\r\n\r\n',
    b"HEAD /readyz HTTP/1.0\r\nConnection: keep-alive\r\nAuthorization: Bearer x\r\n\r\n",
]
PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b" ",
    b":",
    b"%",
    b"/",
    b"\xff",
    b"HTTP/1.1",
    b"chunked",
    b"0\r\n\r\n",
    b"\r\n\r\n",
]


def mutant(chance: random.Random) -> bytes:
    request = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(request) + 1)
        match chance.randrange(5):
            case 0:
                request[place : place + 1] = bytes([chance.randrange(256)])
            case 1:
                request[place:place] = chance.choice(PIECES)
            case 2:
                del request[place : place + chance.randrange(1, 20)]
            case 3:
                other = chance.choice(SEEDS)
                request[place:] = other[chance.randrange(len(other)) :]
            case _:
                request[place:place] = request[place : place + chance.randrange(1, 40)]
    return bytes(request)


async def send(port: int, request: bytes, *, is_split: bool) -> bytes:
    """Send a request, and read what comes until nothing does; then hang up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = bytearray()
    try:
        if is_split:
            writer.write(request[: len(request) // 2])
            await asyncio.sleep(0.002)
            request = request[len(request) // 2 :]
        writer.write(request)
        async with asyncio.timeout(0.2):
            while data := await reader.read(65536):
                got += data
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return bytes(got)


@pytest.mark.parametrize("loop", [*LOOPS, "asyncio, with the parser in Python"])
async def test_each_is_answered_or_hung_up_on(loop: str, figures: Counter[str], tmp_path: Path) -> None:
    loop, _, other = loop.partition(",")
    environ = {"AIOHTTP_NO_EXTENSIONS": "1"} if other else {}
    flags = "--dags", str(catalogue(tmp_path)), "--body-timeout", "0.1", "--no-access-log"
    with serving(tmp_path, *flags, loop=loop, environ=environ) as service:
        figures["5xx"] = 0
        for number in rounds(0.2 / (len(LOOPS) + 1)):
            chance = random.Random(number)  # noqa: S311
            requests = [mutant(chance) for _ in range(100)]
            sent = (send(service.port, request, is_split=chance.random() < 0.3) for request in requests)
            for request, got in zip(requests, await asyncio.gather(*sent), strict=True):
                figures["requests"] += 1
                statuses = told(got)
                figures["of them answered"] += bool(statuses)
                figures["5xx"] += any(status >= 500 for status in statuses)
                assert not any(status >= 500 for status in statuses), request
        assert service.is_alive
        assert "Traceback" not in service.log
        figures["tracebacks"] = 0


def told(got: bytes) -> list[int]:
    """The statuses of answers, each of which wears the envelope; those to a HEAD have no body to check."""
    try:
        return [each.status for each in answers(got)]
    except (AssertionError, ValueError, KeyError):
        lines = [line for line in got.split(b"\r\n") if line.startswith((b"HTTP/1.1 ", b"HTTP/1.0 "))]
        return [int(line.split(b" ")[1]) for line in lines]
