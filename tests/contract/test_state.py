"""The state of a store, without asking the database: its layout, and how its connections are used."""

from __future__ import annotations

import asyncio

from dagrun_api.store import PoolUsage
from tests.databases.worlds import OPTIONS, MemoryWorld, PostgresWorld, SQLWorld, World

WRITER = 1
"""SQLite has one more connection than readers."""


def usage(world: World) -> PoolUsage:
    state = world.store.state()
    assert state.pool is not None
    return state.pool


async def test_it_names_its_backend_and_the_layout_as_describe_does(world: World) -> None:
    state, description = world.store.state(), await world.store.describe()
    assert (state.backend, state.layout) == (description.backend, description.generation)


async def test_the_pool_counts_connections_and_waiting_requests(world: World) -> None:
    if isinstance(world, MemoryWorld):
        assert world.store.state() == ("memory", "standalone", None, None)
        return
    assert isinstance(world, SQLWorld)
    maximum = OPTIONS.pool_size if isinstance(world, PostgresWorld) else OPTIONS.pool_size + WRITER
    await world.add_dag("a")
    await asyncio.gather(*(world.store.dags() for _ in range(20)))
    before = usage(world)
    assert (before.in_use, before.waiting, before.maximum) == (0, 0, maximum)
    assert 1 <= before.idle <= maximum
    async with world.store.turn("a"), world.store.batch("a"):
        assert usage(world).in_use == 1
        # They wait for their turn on the DAG, without a connection.
        others = [asyncio.create_task(one_more(world)) for _ in range(8)]
        async with asyncio.timeout(2):
            for _ in range(200):
                if usage(world).waiting == 8:
                    break
                await asyncio.sleep(0.01)
        assert (usage(world).in_use, usage(world).waiting) == (1, 8)
    await asyncio.gather(*others)
    assert (usage(world).in_use, usage(world).waiting) == (0, 0)


async def one_more(world: World) -> None:
    async with world.store.turn("a"), world.store.batch("a"):
        pass
