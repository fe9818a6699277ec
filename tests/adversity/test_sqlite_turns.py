"""Reads of one SQLite file take turns, as long as none of them is slow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from dagrun_api.store import StoreOptions
from dagrun_api_sqlite import connections as module
from dagrun_api_sqlite.connections import Connection, Connections


@pytest.fixture
async def connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Connections]:
    # So long that a busy machine does not make a short read a slow one.
    monkeypatch.setattr(module, "_PATIENCE", 5)
    path = tmp_path / "any.db"
    path.touch()
    opened = Connections(path, StoreOptions())
    yield opened
    await opened.close()


async def read(connections: Connections) -> Connection:
    async with connections.reading() as connection:
        assert await connection.fetch("SELECT 1") == [(1,)]
        return connection


async def used_by_many(connections: Connections) -> int:
    """Return how many connections are used when many want to read at once."""
    return len({id(each) for each in await asyncio.gather(*(read(connections) for _ in range(20)))})


async def test_short_reads_share_one_connection(connections: Connections) -> None:
    assert await used_by_many(connections) == 1


async def test_a_slow_read_does_not_hold_up_the_others(
    connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.01)
    async with connections.reading():
        await asyncio.wait_for(read(connections), 2)


async def test_a_read_that_was_given_up_gives_its_turn_back(connections: Connections) -> None:
    async with connections.reading():
        waiting = asyncio.create_task(read(connections))
        await asyncio.sleep(0)
        waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await used_by_many(connections) == 1
