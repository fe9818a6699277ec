"""The processes that are measured: the service itself, and the bare handler that it is compared with."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.service.ports import free_port

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

    port: int
    processes: list[subprocess.Popen[bytes]]
    seconds_to_ready: float

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
        return max(_resident(each.pid) for each in self.processes)


@contextmanager
def service(database: str, log: Path, *, processes: int = 1, access_log: bool = False) -> Generator[Served]:
    """Serve a database with all defaults, except that there is no access log, which a bare handler has not either."""
    lines = "--access-log" if access_log else "--no-access-log"
    command = ["-m", "dagrun_api", "serve", "--database", database, "--reuse-port", lines]
    with _serving(command, log, "/readyz", processes) as served:
        yield served


@contextmanager
def bare_handler(database: str, sql: str, parameters: Sequence[object], body: bytes, log: Path) -> Generator[Served]:
    """Serve `/`: run the query, throw its rows away, answer the body (with no query: answer at once)."""
    file = log.with_suffix(".body")
    file.write_bytes(body)
    command = ["-m", "tests.bench.bare", database, sql, json.dumps(parameters), str(file), "--port"]
    with _serving(command, log, "/", 1) as served:
        yield served


@contextmanager
def _serving(command: Sequence[str], log: Path, probe: str, count: int) -> Generator[Served]:
    port = free_port()
    if "--port" not in command:
        command = [*command, "--port"]
    with log.open("wb") as output:
        begun = time.perf_counter()
        started = [
            subprocess.Popen([sys.executable, *command, str(port)], stdout=output, stderr=output) for _ in range(count)
        ]
        try:
            _await_answer(port, probe, log)
            taken = time.perf_counter() - begun
            if count > 1:
                _await_listeners(log, count)
            yield Served(port, started, taken)
        finally:
            for each in started:
                each.send_signal(signal.SIGTERM)
            for each in started:
                each.wait(30)


def _await_answer(port: int, path: str, log: Path) -> None:
    for _ in range(20_000):
        connection = Connection(port)
        with suppress(ConnectionError, http.client.HTTPException):
            connection.get(path)
            return
        connection.close()
        time.sleep(0.001)
    raise RuntimeError(f"no answer: {log.read_text()[-2000:]}")


def _await_listeners(log: Path, count: int) -> None:
    for _ in range(1_000):
        if len(re.findall(r"Listening on", log.read_text())) == count:
            return
        time.sleep(0.01)
    raise RuntimeError(f"not all processes listen: {log.read_text()[-2000:]}")


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
