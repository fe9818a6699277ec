"""A load generator, to be run as its own process: it writes ready requests and reads no more of an answer than it must.

`python -m tests.bench.load` reads `{"port", "clients", "requests": [...], "times"}` from its input, where a request is
its bytes as text, and prints `{"seconds", "latencies": [...], "failed"}`, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from statistics import quantiles

__all__ = ["Load", "get", "post", "run"]


@dataclass(frozen=True, slots=True)
class Load:
    """What came of a load."""

    per_second: float
    median: float
    """Milliseconds; likewise the next."""
    p99: float
    failed: int


def get(path: str) -> str:
    """Return a request."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def post(path: str, body: object) -> str:
    """Return a request with JSON in ASCII."""
    text = json.dumps(body)
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(text)}\r\n\r\n{text}"


def run(port: int, requests: Sequence[str], *, clients: int, times: int = 1) -> Load:
    """Let so many clients send all requests, so many times over, from another process."""
    order = {"port": port, "clients": clients, "requests": requests, "times": times}
    command = [sys.executable, "-m", "tests.bench.load"]
    done = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=True)
    result = json.loads(done.stdout)
    latencies = [1000 * each for each in result["latencies"]]
    hundredths = quantiles(latencies, n=100)
    return Load(len(latencies) / result["seconds"], hundredths[49], hundredths[98], result["failed"])


class _Client(asyncio.Protocol):
    """Sends a request when the answer to the one before is complete."""

    def __init__(self, requests: Iterator[bytes], latencies: list[float]) -> None:
        self._requests = requests
        self._latencies = latencies
        self._buffer = b""
        self._begun = 0.0
        self.failed = 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._latencies.append(time.perf_counter() - self._begun)
        self.failed += not self._buffer.startswith(b"HTTP/1.1 200")
        self._buffer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the service hung up"))

    def _send(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self.done.set_result(None)
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(request)


async def _main() -> None:
    order = json.load(sys.stdin)
    requests = [each.encode() for each in order["requests"]]
    sent = islice(chain.from_iterable(repeat(requests)), len(requests) * order["times"])
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    clients = [
        (await loop.create_connection(lambda: _Client(sent, latencies), "127.0.0.1", order["port"]))[1]
        for _ in range(order["clients"])
    ]
    await asyncio.gather(*(each.done for each in clients))
    seconds = time.perf_counter() - begun
    failed = sum(each.failed for each in clients)
    print(json.dumps({"seconds": seconds, "latencies": latencies, "failed": failed}))


if __name__ == "__main__":
    asyncio.run(_main())
