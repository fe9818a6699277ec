"""The service as its operators watch it, and the bytes of a request."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from pathlib import Path

import orjson

from tests.service.process import ServiceProcess

__all__ = ["WatchedService", "posted", "serving"]

_PROGRAM = (sys.executable, "-W", "always::ResourceWarning", "-m", "tests.adversity.watched")


class WatchedService(ServiceProcess):
    """A service that counts its asyncio tasks on request, and logs what it forgets to close."""

    async def tasks(self) -> int:
        """Return how many asyncio tasks it has."""
        counted = len(self._counted)
        self.signal(signal.SIGUSR1)
        while len(self._counted) == counted:
            assert self.is_alive, self.log
            await asyncio.sleep(0.01)
        return self._counted[-1]

    @property
    def _counted(self) -> list[int]:
        return [int(number) for number in re.findall(r"tasks=(\d+)\n", self.log)]


def serving(database: str, folder: Path, *options: str, port: int = 0) -> WatchedService:
    """Start a service on a database, for an `async with`."""
    environ = {"PYTHONPATH": str(Path(__file__).parents[2])}
    return WatchedService.start(folder, "--database", database, *options, port=port, program=_PROGRAM, environ=environ)


def posted(path: str, body: object) -> bytes:
    """Return the bytes of a POST, to send in a way that no client library does."""
    content = orjson.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(content)}\r\n\r\n".encode("ascii") + content
    )
