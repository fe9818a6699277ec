"""The picture of the page in the README: a gap in the year of a DAG is about to be filled, as a real service shows it.

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
from playwright.async_api import expect

from dagrun_api.client import Client
from tests.browser.conftest import Visit
from tests.service.process import ServiceProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURE = Path(__file__).parents[2] / "config" / "page.png"
SIZE = (1280, 800)
MOST_BYTES = 180_000

DAG_ID = "amsterdam_orders"

CATALOGUE = f"""
[[dag]]
dag_id = "{DAG_ID}"
schedule = "30 2 * * *"
timezone = "Europe/Amsterdam"
start_date = 2024-01-01
full_path = "dags/shop/orders.py"
"""

QUARTERS = {
    "quarter-1": [("2025-01-01", "2025-03-31")],
    "quarter-2": [("2025-04-01", "2025-05-11"), ("2025-05-17", "2025-06-30")],
    "quarter-3": [("2025-07-01", "2025-09-30")],
    "quarter-4": [("2025-10-01", "2025-12-31")],
}
"""Prefix of a batch -> its windows. Five days of May have no run."""

FAILED = ("2025-03-09", "2025-08-20", "2025-10-30")
RUNNING, QUEUED = "2025-12-07", "2025-12-11"
"""The dates from which on runs are running, and queued. Earlier ones have ended."""


@pytest_asyncio.fixture(loop_scope="session")
async def address(tmp_path: Path) -> AsyncGenerator[str]:
    """Serve the built-in database with the runs of a year."""
    catalogue = tmp_path / "dags.toml"
    catalogue.write_text(CATALOGUE)
    database = tmp_path / "built-in.db"
    options = ("--database", f"sqlite:///{database}", "--dags", str(catalogue))
    async with ServiceProcess.start(tmp_path, *options) as service:
        async with Client(service.address) as client:
            for prefix, windows in QUARTERS.items():
                for first, last in windows:
                    await client.create(DAG_ID, prefix=prefix, start_date=first, end_date=last, max_active_runs=4)
        run(database)
        yield service.address


def run(database: Path) -> None:
    """Run the batches as a scheduler would: most runs have ended, some are running."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(
            """
            UPDATE dag_run
            SET state = CASE WHEN substr(execution_date, 1, 10) IN (?1, ?2, ?3) THEN 'failed'
                    WHEN execution_date >= ?4 THEN 'running' ELSE 'success' END,
                start_date = strftime('%Y-%m-%d %H:%M:%f000', execution_date, '+1 day', '+7 seconds'),
                end_date = CASE WHEN execution_date < ?4
                    THEN strftime('%Y-%m-%d %H:%M:%f000', execution_date, '+1 day', '+12 minutes') END
            WHERE execution_date < ?5
            """,
            [*FAILED, RUNNING, QUEUED],
        )


def dimensions(png: bytes) -> tuple[int, int]:
    """Return the width and height of a PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


async def test_the_picture_of_the_page_is_small(address: str, visit: Visit) -> None:
    form = "from=2025-05-12&to=2025-05-16&name=may-again"
    page = await visit(f"{address}/#/dags/{DAG_ID}?shown=2025-01-01%2F2025-12-31&{form}")
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(5)
    await expect(page.get_by_role("link", name="quarter-4")).to_be_visible()
    await page.get_by_role("gridcell", name="Wed 14 May 2025: missing").hover()
    taken = await page.screenshot()
    if os.environ.get("DAGRUN_API_TEST_PICTURE") == "1":
        PICTURE.write_bytes(taken)
    for picture in (taken, PICTURE.read_bytes()):
        assert dimensions(picture) == SIZE
        assert len(picture) < MOST_BYTES
