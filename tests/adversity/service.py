"""The service as a process of its own, to be watched, told to end, and killed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import orjson

from tests.databases.worlds import PostgresWorld, SQLiteWorld, SQLWorld

__all__ = ["ServiceProcess", "database_of", "posted", "serving"]

_PATIENCE = 30.0
"""Seconds that a process may take to start or to end on a machine that has much else to do."""


class ServiceProcess:
    """`dagrun-api serve` on a free port of its own."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log
        self.address = ""
        """Where it listens, as an URL."""

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def log(self) -> str:
        """What it has logged."""
        return self._log.read_text()

    async def listening(self) -> None:
        """Return when it listens."""
        end = time.monotonic() + _PATIENCE
        while not (found := re.search(r"Listening on (http://\S+)", self.log)):
            assert self._process.poll() is None, f"it ended by itself\n{self.log}"
            assert time.monotonic() < end, f"it does not listen\n{self.log}"
            await asyncio.sleep(0.01)
        self.address = found[1]

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would: nothing of it runs any more, and nothing of it is cleaned up."""
        self._process.kill()
        self._process.wait()

    async def ended(self) -> int:
        """Return its exit status when it has ended."""
        end = time.monotonic() + _PATIENCE
        while (status := self._process.poll()) is None:
            assert time.monotonic() < end, f"it does not end\n{self.log}"
            await asyncio.sleep(0.005)
        return status

    @property
    def open_files(self) -> int:
        """How many file descriptors it has open."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    @property
    def threads(self) -> int:
        """How many threads it has."""
        return int(self._status("Threads"))

    @property
    def memory(self) -> int:
        """How many KiB of memory it keeps resident."""
        return int(self._status("VmRSS").split()[0])

    async def tasks(self) -> int:
        """How many asyncio tasks it has."""
        told = len(self._told)
        self._process.send_signal(signal.SIGUSR1)
        while len(self._told) == told:
            assert self._process.poll() is None, self.log
            await asyncio.sleep(0.01)
        return self._told[-1]

    @property
    def _told(self) -> list[int]:
        return [int(number) for number in re.findall(r"tasks=(\d+)\n", self.log)]

    def _status(self, name: str) -> str:
        text = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(line for line in text.splitlines() if line.startswith(f"{name}:")).partition(":")[2].strip()


@asynccontextmanager
async def serving(database: str, folder: Path, *options: str, port: int = 0) -> AsyncGenerator[ServiceProcess]:
    """Serve a database in a process of its own; whatever happens, it is gone at the end."""
    # What the settings of the tests are called would be taken for a mistake in its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DAGRUN_API_")}
    environment["PYTHONPATH"] = os.pathsep.join(sys.path)
    log = folder / f"service-{time.monotonic_ns()}.log"
    program = [sys.executable, "-W", "always::ResourceWarning", "-m", "tests.adversity.watched"]
    command = [*program, "serve", "--database", database, "--port", str(port), *options]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: ASYNC220  # it is to be killed and waited for without a loop
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=folder
        )
    service = ServiceProcess(process, log)
    try:
        await service.listening()
        yield service
    finally:
        service.kill()


def database_of(world: SQLWorld) -> str:
    """Return the URL by which a service opens the database of a world."""
    if isinstance(world, SQLiteWorld):
        return f"sqlite:///{world.path}"
    assert isinstance(world, PostgresWorld)
    return world.url


def posted(path: str, body: object) -> bytes:
    """Return the bytes of a POST, for who wants to send them in a way that a client library does not."""
    content = orjson.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n".encode("ascii") + content
    )
