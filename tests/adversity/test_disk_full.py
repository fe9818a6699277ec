"""A PostgreSQL whose disk takes no more in the middle of a batch.

A file system of a few megabytes cannot be had without root; but a server that may not let a file grow beyond a size
fails in the same place, on extending the table, and with the same advice: check free disk space.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress

import asyncpg
import pytest

from dagrun_api.batches.service import Service
from dagrun_api.errors import Unavailable
from tests.adversity.test_cut_connections import RUNS, WINDOW
from tests.databases import postgres
from tests.databases.schemas import ddl, head_of
from tests.databases.worlds import PostgresWorld

LARGEST_FILE = 16 * 1024 * 1024
"""In bytes; PostgreSQL makes its log in files of just this size."""

SERVER = f"""
import os, resource, sys
os.environ.pop("DAGRUN_API_TEST_POSTGRES", None)
resource.setrlimit(resource.RLIMIT_FSIZE, ({LARGEST_FILE}, resource.RLIM_INFINITY))
from tests.databases import postgres
with postgres.server() as url:
    print(url, flush=True)
    sys.stdin.read()
"""

FILLER = """
INSERT INTO dag_run (dag_id, run_id, execution_date, run_type, conf)
SELECT 'other', 'x' || n, timestamptz '1900-01-01' + n * interval '1 second', 'manual', decode(repeat('00', 300), 'hex')
FROM (SELECT nextval('dag_run_id_seq') AS n FROM generate_series(1, ?::integer)) AS numbers
"""


pytestmark = pytest.mark.soak


@contextmanager
def cramped_server() -> Generator[str]:
    """Start a server that cannot let a file grow beyond a size; yield its URL."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate(timeout=60)


@pytest.fixture(scope="module")
def cramped() -> Generator[str]:
    with cramped_server() as url:
        yield url


async def test_a_disk_full_in_mid_batch_leaves_nothing(cramped: str) -> None:
    tables = ddl("2.11.2", "postgres") + f"INSERT INTO public.alembic_version VALUES ('{head_of('2.11.2')}');"
    url = await postgres.fresh_database(cramped, "cramped", tables)
    async with PostgresWorld.open(url) as world:
        await world.add_dag("a")
        await fill(world)
        service = Service(world.store)
        with pytest.raises(Unavailable, match="cannot be read or written now") as caught:
            await service.create_batch(WINDOW)
        assert "could not extend file" in str(caught.value.__cause__)
        assert await ours(world) == 0
        await world.execute("DELETE FROM dag_run")
        await world.execute("VACUUM FULL dag_run")
        assert len((await service.create_batch(WINDOW)).run_ids) == RUNS
        assert await ours(world) == RUNS


async def fill(world: PostgresWorld) -> None:
    """Let the table of runs take up almost all that a file may hold: what is left is half a batch."""
    for rows in (2000, 100, 10):
        with suppress(asyncpg.InternalServerError):
            while True:
                await world.execute(FILLER, [rows])
        # What the last of them could not keep is room again.
        await world.execute("VACUUM dag_run")
    await world.execute("DELETE FROM dag_run WHERE id IN (SELECT id FROM dag_run ORDER BY id LIMIT 70)")
    await world.execute("VACUUM dag_run")


async def ours(world: PostgresWorld) -> int:
    ((number,),) = await world.execute("SELECT count(*) FROM dag_run WHERE dag_id = 'a'")
    return int(number)
