"""A service that is killed, or whose client goes away, in the middle of a batch."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from dagrun_api.batches.service import Service
from dagrun_api.model import BatchRequest, Prefix
from tests.adversity.figures import Figures
from tests.adversity.service import posted, serving
from tests.adversity.waiting import until
from tests.databases.worlds import SQLiteWorld, SQLWorld
from tests.service.process import ServiceProcess

START = datetime(1950, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SIZE = 500

LIMITED = {"max_active_runs": 3}
"""What makes a batch a native backfill."""

everywhere = pytest.mark.parametrize("world", ["sqlite-2.11.2", "sqlite-standalone", "postgres-3.1.8"], indirect=True)


pytestmark = pytest.mark.soak


def body(number: int, size: int = SIZE) -> dict[str, object]:
    """A batch with a prefix and dates of its own."""
    first = START + SIZE * number * DAY
    return {
        "dag_id": "a",
        "prefix": f"p{number}_",
        "start_date": first.isoformat(),
        "end_date": (first + (size - 1) * DAY + timedelta(hours=13)).isoformat(),
    }


async def send(service: ServiceProcess, batches: Sequence[object]) -> list[asyncio.StreamWriter]:
    """Send each batch on a connection of its own, and read nothing."""
    writers: list[asyncio.StreamWriter] = []
    for each in batches:
        _, writer = await asyncio.open_connection("127.0.0.1", service.port)
        writer.write(posted("/api/v1/dag_runs", each))
        writers.append(writer)
    return writers


async def created(service: ServiceProcess, batch: object) -> dict[str, Any]:
    async with (
        ClientSession() as session,
        session.post(f"{service.address}/api/v1/dag_runs", json=batch) as response,
    ):
        assert response.status == 200, await response.text()
        answer: dict[str, Any] = (await response.json())["response"]
        return answer


async def sizes(world: SQLWorld) -> dict[str, int]:
    """How many runs there are of each batch, counted by a reader of its own."""
    rows = await world.execute("SELECT substr(run_id, 1, 2), count(*) FROM dag_run GROUP BY 1")
    return {str(prefix): int(number) for prefix, number in rows}


@everywhere
async def test_a_killed_service_leaves_whole_batches(world: SQLWorld, tmp_path: Path, figures: Figures) -> None:
    await world.add_dag("a")
    moments = random.Random(20170901)  # noqa: S311  # it is no secret
    for _ in range(30):
        await world.execute("DELETE FROM dag_run")
        async with serving(world.url, tmp_path) as service:
            await created(service, body(0))
            writers = await send(service, [body(1), body(2)])
            await asyncio.sleep(moments.uniform(0, 0.05))
            service.kill()
            for writer in writers:
                writer.close()
        found = await sizes(world)
        assert found.pop("p0") == SIZE
        assert set(found.values()) <= {SIZE}, "a batch is there in part"
        figures.count("services killed in a POST")
        figures.count("batches that a killed service had committed", len(found))
        figures.count("batches that a killed service left undone", 2 - len(found))
        if isinstance(world, SQLiteWorld):
            assert await world.execute("PRAGMA integrity_check") == [("ok",)]
        for number in (1, 2):
            again = await Service(world.store).create_batch(request(number))
            assert (len(again.run_ids), again.skipped) in ((SIZE, 0), (0, SIZE))
        assert sum((await sizes(world)).values()) == 3 * SIZE


@pytest.mark.parametrize("world", ["sqlite-standalone", "postgres-3.1.8"], indirect=True)
async def test_a_killed_service_leaves_whole_backfills(world: SQLWorld, tmp_path: Path, figures: Figures) -> None:
    await world.add_dag("a")
    moments = random.Random(20261128)  # noqa: S311  # it is no secret
    for _ in range(20):
        for table in ("backfill_dag_run", "dag_run", "backfill"):
            await world.execute(f"DELETE FROM {table}")
        async with serving(world.url, tmp_path) as service:
            await created(service, body(0) | LIMITED)
            joined = body(1) | LIMITED | {"prefix": "p0"}
            writers = await send(service, [joined, body(2) | LIMITED])
            await asyncio.sleep(moments.uniform(0, 0.06))
            service.kill()
            for writer in writers:
                writer.close()
        dates = f"max(r.{world.layout.date_column}) = max(b.to_date)"
        found = await world.execute(
            f"SELECT count(r.id), count(a.id), {dates} FROM backfill b LEFT JOIN dag_run r ON r.backfill_id = b.id "
            "LEFT JOIN backfill_dag_run a ON a.dag_run_id = r.id AND a.backfill_id = b.id GROUP BY b.id"
        )
        assert {(runs, rows) for runs, rows, _ in found} <= {(SIZE, SIZE), (2 * SIZE, 2 * SIZE)}, "a part is there"
        assert all(is_covered for *_, is_covered in found)
        figures.count("native backfills that a killed service had committed", len(found) - 1)


def request(number: int) -> BatchRequest:
    first = START + SIZE * number * DAY
    return BatchRequest("a", Prefix(f"p{number}"), first, first + (SIZE - 1) * DAY + timedelta(hours=13))


@pytest.mark.parametrize("world", ["sqlite-2.11.2"], indirect=True)
async def test_the_next_reader_rolls_back_a_half_written_batch(
    world: SQLiteWorld, tmp_path: Path, figures: Figures
) -> None:
    await world.add_dag("a")
    journal = Path(f"{world.path}-journal")
    # With more in it than SQLite keeps in memory, a batch is written long before its end, and can be met in the middle.
    await world.execute("CREATE TABLE ballast (content BLOB)")
    ballast = "CREATE TRIGGER heavy AFTER INSERT ON dag_run BEGIN INSERT INTO ballast VALUES (randomblob(100000)); END"
    for _ in range(10):
        await world.execute(ballast)
        async with serving(world.url, tmp_path) as service:
            writers = await send(service, [body(0)])
            await until("it writes", lambda: is_hot(journal), pause=0.001)
            service.kill()
            for writer in writers:
                writer.close()
        assert is_hot(journal)
        with closing(sqlite3.connect(world.path)) as reader:
            assert reader.execute("SELECT count(*) FROM dag_run").fetchall() == [(0,)]
            assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert not journal.exists()
        await world.execute("DROP TRIGGER heavy")
        assert len((await Service(world.store).create_batch(request(0))).run_ids) == SIZE
        await world.execute("DELETE FROM dag_run")
        figures.count("SQLite journals that the next reader rolled back")


def is_hot(journal: Path) -> bool:
    """Whether what the journal tells of has begun to be written into the file itself."""
    with suppress(FileNotFoundError):
        return journal.read_bytes()[:8].startswith(b"\xd9\xd5\x05\xf9")
    return False


@everywhere
async def test_a_hang_up_after_the_body_creates_the_whole_batch(
    world: SQLWorld, tmp_path: Path, figures: Figures
) -> None:
    await world.add_dag("a")
    rounds, size = 50, 20
    async with serving(world.url, tmp_path) as service:
        for number in range(rounds):
            for writer in await send(service, [body(number, size)]):
                await writer.drain()
                # Half of them go without a word, so that the service learns of it by a reset.
                if number % 2:
                    writer.transport.abort()
                else:
                    writer.close()

        async def are_there() -> bool:
            return await count(world) == rounds * size

        await until("every batch is there", are_there)
        service.terminate()
        assert await service.ended() == 0
        assert "Traceback" not in service.log
    figures.count("clients that hung up after their body", rounds)


@pytest.mark.parametrize("world", ["sqlite-standalone"], indirect=True)
async def test_a_hang_up_within_the_body_logs_no_error(world: SQLWorld, tmp_path: Path) -> None:
    await world.add_dag("a")
    whole = posted("/api/v1/dag_runs", body(0))
    async with serving(world.url, tmp_path) as service:
        for length in (len(whole) - 1, len(whole) - 100, whole.index(b"\r\n\r\n") + 4):
            _, writer = await asyncio.open_connection("127.0.0.1", service.port)
            writer.write(whole[:length])
            await asyncio.sleep(0.1)
            writer.transport.abort()
        await until("it has noticed", lambda: service.log.count("status=400") == 3)
        service.terminate()
        assert await service.ended() == 0
        assert "ERROR" not in service.log
        assert "Traceback" not in service.log
    assert await count(world) == 0


async def count(world: SQLWorld) -> int:
    ((number,),) = await world.execute("SELECT count(*) FROM dag_run")
    return int(number)
