"""A proxy before PostgreSQL that can cut connections, refuse them, or swallow what it gets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

__all__ = ["Proxy", "proxied"]


class Proxy:
    """What stands between a client and its server; it forwards until told otherwise."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._generation = 0
        self.is_black_hole = False
        """Whether bytes are taken and never answered."""
        self.cut_after: int | None = None
        """Cut the connection once the server has answered this many bytes."""
        self.cut_request_after: int | None = None
        """Cut the connection once the client has sent this many bytes."""
        self.sent = self.answered = 0
        """How many bytes have passed, from the client and from the server."""

    @property
    def url(self) -> str:
        """The database as it is seen through the proxy."""
        user = self._parts.username or "postgres"
        return f"postgresql://{user}@127.0.0.1:{self._port}{self._parts.path}"

    async def start(self) -> None:
        """Take connections, always on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    def point_at(self, url: str) -> None:
        """Lead new connections to another server, as an address that moves does."""
        self._parts = urlsplit(url)

    async def stop(self) -> None:
        """Cut every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
        await self.cut()

    async def cut(self) -> None:
        """Cut every connection that there is."""
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0.05)

    def forget(self) -> None:
        """Drop every connection as a firewall drops an idle one: its client learns of it by saying something."""
        self._generation += 1

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await self._connect()
        ends = {writer, upstream_writer}
        self._writers |= ends
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, upstream_writer, is_answer=False))
                group.create_task(self._pump(upstream_reader, writer, is_answer=True))
        finally:
            self._writers -= ends
            for end in ends:
                end.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        folder = parse_qs(self._parts.query).get("host")
        if folder:
            return await asyncio.open_unix_connection(f"{folder[0]}/.s.PGSQL.{self._parts.port or 5432}")
        return await asyncio.open_connection(self._parts.hostname, self._parts.port or 5432)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool) -> None:
        generation = self._generation
        with suppress(OSError):
            while data := await reader.read(65536):
                if generation != self._generation:
                    break
                if self.is_black_hole:
                    continue
                data = self._passed(data, is_answer=is_answer)
                writer.write(data)
                await writer.drain()
                if self._is_cut(is_answer=is_answer):
                    break
        await self._hang_up(writer)

    def _passed(self, data: bytes, *, is_answer: bool) -> bytes:
        """What of these bytes goes through."""
        if is_answer:
            if self.cut_after is not None:
                data = data[: self.cut_after]
                self.cut_after -= len(data)
            self.answered += len(data)
        else:
            if self.cut_request_after is not None:
                data = data[: self.cut_request_after]
                self.cut_request_after -= len(data)
            self.sent += len(data)
        return data

    def _is_cut(self, *, is_answer: bool) -> bool:
        if is_answer and self.cut_after == 0:
            self.cut_after = None
            return True
        if not is_answer and self.cut_request_after == 0:
            self.cut_request_after = None
            return True
        return False

    async def _hang_up(self, writer: asyncio.StreamWriter) -> None:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def proxied(url: str) -> AsyncGenerator[Proxy]:
    """Put a proxy before a database."""
    proxy = Proxy(url)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()
