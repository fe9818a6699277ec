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
        self.is_black_hole = False
        """Whether bytes are taken and never answered."""
        self.cut_after: int | None = None
        """Cut the connection once the server has answered this many bytes."""

    @property
    def url(self) -> str:
        """The database as it is seen through the proxy."""
        user = self._parts.username or "postgres"
        return f"postgresql://{user}@127.0.0.1:{self._port}{self._parts.path}"

    async def start(self) -> None:
        """Take connections, always on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

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
        with suppress(OSError):
            while data := await reader.read(65536):
                if self.is_black_hole:
                    continue
                if is_answer and self.cut_after is not None:
                    data = data[: self.cut_after]
                    self.cut_after -= len(data)
                writer.write(data)
                await writer.drain()
                if is_answer and self.cut_after == 0:
                    self.cut_after = None
                    break
        await self._hang_up(writer)

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
