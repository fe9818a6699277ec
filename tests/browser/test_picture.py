"""The picture of the page in the README: a batch in progress, as a real service shows it.

`DAGRUN_API_TEST_PICTURE=1` takes it again. Otherwise the test takes one, and leaves the picture as it is.
"""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.service.process import ServiceProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURE = Path(__file__).parents[2] / "config" / "page.png"
SIZE = (1280, 800)
MOST_BYTES = 150_000

RUNS = 60
RUNNING = {"shop_orders": (47, 50), "shop_stock": (34, 37), "warehouse_facts": (25, 26)}
"""DAG -> the numbers of its first and last running run. Earlier runs have ended, later ones are queued."""
FAILED = {"shop_orders": (17, 41), "shop_stock": (9,), "warehouse_facts": (3, 4, 20)}

DAG = """
[[dag]]
dag_id = "{}"
schedule = "@daily"
start_date = 2024-01-01
"""


@pytest_asyncio.fixture(loop_scope="session")
async def address(tmp_path: Path) -> AsyncGenerator[str]:
    """Serve the built-in database, with a batch in progress."""
    catalogue = tmp_path / "dags.toml"
    catalogue.write_text("".join(DAG.format(dag_id) for dag_id in RUNNING))
    database = tmp_path / "built-in.db"
    options = ("--database", f"sqlite:///{database}", "--dags", str(catalogue))
    async with ServiceProcess.start(tmp_path, *options) as service:
        async with ClientSession(service.address) as client:
            window = {"start_date": "2024-01-01", "end_date": "2024-02-29", "prefix": "backload", "max_active_runs": 4}
            for dag_id in RUNNING:
                answer = await client.post("/api/v1/dag_runs", json={"dag_id": dag_id, **window})
                assert len((await answer.json())["response"]["dag_run_ids"]) == RUNS
        run(database)
        yield service.address


def run(database: Path) -> None:
    """Run the batch as a scheduler would: some runs have ended, some are running."""
    with closing(sqlite3.connect(database)) as connection, connection:
        for dag_id, (first, last) in RUNNING.items():
            states = dict.fromkeys(range(1, first), "success")
            states |= dict.fromkeys(FAILED[dag_id], "failed")
            states |= dict.fromkeys(range(first, last + 1), "running")
            connection.executemany(
                """
                UPDATE dag_run
                SET state = ?1,
                    start_date = strftime('%Y-%m-%d %H:%M:%f000', execution_date, '+1 day', '+7 seconds'),
                    end_date = CASE WHEN ?1 <> 'running'
                        THEN strftime('%Y-%m-%d %H:%M:%f000', execution_date, '+1 day', '+12 minutes') END
                WHERE dag_id = ?2 AND run_id GLOB ?3
                """,
                [(state, dag_id, f"backload_{number:07d}_*") for number, state in states.items()],
            )


def dimensions(png: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


async def test_the_picture_of_the_page_is_small(address: str, visit: Visit) -> None:
    page = await visit(f"{address}/#/batches/backload")
    cells = page.get_by_role("list", name="Runs by execution date").get_by_role("link")
    await expect(cells).to_have_count(RUNS * len(RUNNING))
    await expect(page.get_by_role("row").filter(has_text="backload_0000001")).to_be_visible()
    await cells.and_(page.get_by_role("link", name="failed, backload_0000020")).hover()
    await expect(page.locator(".pointed")).to_contain_text("warehouse_facts")
    taken = await page.screenshot()
    if os.environ.get("DAGRUN_API_TEST_PICTURE") == "1":
        PICTURE.write_bytes(taken)
    for picture in (taken, PICTURE.read_bytes()):
        assert dimensions(picture) == SIZE
        assert len(picture) < MOST_BYTES
