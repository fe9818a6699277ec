"""The processes that are measured: the service itself, and the bare handler that it is compared with."""

from __future__ import annotations

import http.client
import json
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.service.process import ServiceProcess, serving

__all__ = ["Connection", "Served", "bare_handler", "service"]


class Connection:
    """One client that keeps its connection, and waits for each answer."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def get(self, path: str) -> bytes:
        """Return the body of a 200."""
        return self._answer("GET", path, None)

    def post(self, path: str, body: object) -> bytes:
        """Send JSON and return the body of a 200."""
        return self._answer("POST", path, json.dumps(body).encode())

    def close(self) -> None:
        """Close it."""
        self._http.close()

    def _answer(self, method: str, path: str, body: bytes | None) -> bytes:
        self._http.request(method, path, body)
        response = self._http.getresponse()
        answer = response.read()
        if response.status != 200:
            raise RuntimeError(f"{method} {path}: {response.status} {answer[:300]!r}")
        return answer


@dataclass
class Served:
    """Processes that listen on one port."""

    processes: list[ServiceProcess]
    seconds_to_ready: float

    @property
    def port(self) -> int:
        return self.processes[0].port

    @contextmanager
    def client(self) -> Generator[Connection]:
        """Lend a client."""
        connection = Connection(self.port)
        try:
            yield connection
        finally:
            connection.close()

    def resident_megabytes(self) -> float:
        """Return the resident memory of the largest of the processes."""
        return max(each.memory for each in self.processes) / 1e6


@contextmanager
def service(database: str, folder: Path, *, processes: int = 1, access_log: bool = False) -> Generator[Served]:
    """Serve a database with the defaults, but without the access log, which the bare handler does not have."""
    options = ("--database", database, "--reuse-port", "--access-log" if access_log else "--no-access-log")
    with ExitStack() as stack:
        began = time.perf_counter()
        started = [stack.enter_context(serving(folder, *options))]
        _ask(started[0].port, "/readyz")
        taken = time.perf_counter() - began
        for _ in range(processes - 1):
            started.append(stack.enter_context(serving(folder, *options, port=started[0].port)))
        yield Served(started, taken)


@contextmanager
def bare_handler(database: str, sql: str, parameters: Sequence[object], body: bytes, folder: Path) -> Generator[Served]:
    """Serve `/`: run the query, throw its rows away, answer the body (with no query: answer at once)."""
    file = folder / "body"
    file.write_bytes(body)
    began = time.perf_counter()
    options = (database, sql, json.dumps(parameters), str(file))
    program, environ = (sys.executable, "-m", "tests.bench.bare"), {"PYTHONPATH": str(Path(__file__).parents[2])}
    with serving(folder, *options, program=program, environ=environ) as process:
        _ask(process.port, "/")
        yield Served([process], time.perf_counter() - began)


def _ask(port: int, path: str) -> None:
    connection = Connection(port)
    connection.get(path)
    connection.close()
