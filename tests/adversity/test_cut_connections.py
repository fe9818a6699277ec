"""A connection to the database that is cut anywhere in the middle of a batch, and the same request again."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import Unavailable
from dagrun_api.model import BatchRequest, Prefix
from dagrun_api.store import StoreOptions
from dagrun_api_postgres import open_store
from tests.adversity.figures import Figures
from tests.adversity.proxy import Proxy, proxied
from tests.databases.worlds import PostgresWorld

START = datetime(2017, 9, 1, tzinfo=UTC)
NOON = START + timedelta(hours=12)
DAY = timedelta(days=1)
RUNS = 500
WINDOW = BatchRequest("a", Prefix("etl"), START, START + RUNS * DAY)
IDS = [f"etl_{number + 1:07}_{NOON + number * DAY:%Y-%m-%dT%H:%M:%S}" for number in range(RUNS)]
"""The ids that the first of these requests gives, whatever becomes of it."""
OPTIONS = StoreOptions(pool_size=2, pool_timeout=2, connect_timeout=2, query_timeout=5, lock_timeout=5)

pytestmark = [
    pytest.mark.soak,
    pytest.mark.parametrize("world", ["postgres-3.1.8"], indirect=True),
    pytest.mark.parametrize("direction", ["cut_after", "cut_request_after"], ids=["answers", "requests"]),
]


async def test_a_cut_connection_leaves_all_or_nothing(world: PostgresWorld, direction: str, figures: Figures) -> None:
    await world.add_dag("a")
    async with proxied(world.url) as proxy:
        whole = await bytes_of_a_batch(world, proxy, direction)
        # The last bytes are those of the commit: there an answer gets lost that was a success.
        places = sorted({*spread(whole, 100), *range(max(1, whole - 24), whole, 2)})
        committed = 0
        for place in places:
            async with open_store(proxy.url, OPTIONS) as store:
                await store.ready()
                setattr(proxy, direction, place)
                answered: list[str] | None = None
                with suppress(Unavailable):
                    answered = (await Service(store).create_batch(WINDOW)).run_ids
                is_cut = getattr(proxy, direction) is None
                setattr(proxy, direction, None)
                assert is_cut
                stood = await run_ids(world)
                assert stood in ([], IDS), f"cut after {place} bytes"
                # None was answered and not there.
                assert answered is None or stood == answered
                again = await Service(store).create_batch(WINDOW)
                # What the first call made, the second finds, and tells in the same order. (A commit that is under way
                # when the connection is cut may not be seen before.)
                assert (again.run_ids, again.skipped_run_ids) in [([], IDS), *([] if stood else [(IDS, [])])]
                assert await run_ids(world) == IDS
            await world.execute("DELETE FROM dag_run")
            committed += not again.run_ids and answered is None
        figures.count(f"connections cut in a batch ({direction.removeprefix('cut_')})", len(places))
        figures.count("batches committed whose answer got lost", committed)
    assert len(places) >= (50 if direction == "cut_after" else 25)
    assert committed > 0 or direction != "cut_after", "the answer of no commit got lost"


async def bytes_of_a_batch(world: PostgresWorld, proxy: Proxy, direction: str) -> int:
    """How many bytes go by in one direction while a batch is made on a connection that is open already."""
    async with open_store(proxy.url, OPTIONS) as store:
        await store.ready()
        sent, answered = proxy.sent, proxy.answered
        await Service(store).create_batch(WINDOW)
        passed = proxy.answered - answered if direction == "cut_after" else proxy.sent - sent
    await world.execute("DELETE FROM dag_run")
    return passed


def spread(whole: int, number: int) -> list[int]:
    """Return so many places from the first byte to the last but one."""
    return [1 + place * (whole - 2) // (number - 1) for place in range(number)]


async def run_ids(world: PostgresWorld) -> list[str]:
    return [str(row[0]) for row in await world.execute("SELECT run_id FROM dag_run ORDER BY run_id")]
