"""The page of a batch of ten thousand runs: it never blocks for long, and shows all of them."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site, Visit
from tests.browser.scheduling import add_runs

pytestmark = pytest.mark.asyncio(loop_scope="session")

LONGEST = 200
"""Milliseconds that no task of the page may take."""

_WATCH = """
tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({type: 'longtask'});
"""


async def set_state(site: Site, dag_id: str, state: str, first: int, last: int) -> None:
    """Set the state of the runs with these numbers."""
    await site.airflow.execute(
        "UPDATE dag_run SET state = ? WHERE dag_id = ? AND CAST(substr(run_id, 5, 7) AS INT) BETWEEN ? AND ?",
        [state, dag_id, first, last],
    )


async def longest_task(page: Page) -> float:
    return float(await page.evaluate("Math.max(0, ...tasks)"))


async def test_no_task_of_the_page_takes_long(
    site: Site, visit: Visit, dag_id: str, record_property: Callable[[str, object], None]
) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 10_000)
    page = await visit(f"{site.address}/#/")
    await page.evaluate(_WATCH)
    start = perf_counter()
    await page.evaluate(f"location.hash = '#/batches/etl?dag_id={dag_id}'")
    cells = page.get_by_role("list", name="Runs by execution date").get_by_role("link")
    await expect(page.get_by_text("Each cell stands for 5 runs")).to_be_visible()
    await expect(page.get_by_text("Reading the runs")).to_have_count(0, timeout=120_000)
    await expect(cells).to_have_count(2000)
    record_property("seconds until the map is complete", perf_counter() - start)
    record_property("longest task while it loads", await longest_task(page))
    await set_state(site, dag_id, "success", 1, 3000)
    await set_state(site, dag_id, "failed", 3000, 3000)
    await set_state(site, dag_id, "running", 3001, 3016)
    await page.clock.fast_forward("05:00")
    await expect(page.get_by_text("3,000 of 10,000 runs ended")).to_be_visible()
    await page.clock.fast_forward("05:00")
    await expect(cells.nth(599)).to_have_attribute("data-state", "failed", timeout=60_000)
    await set_state(site, dag_id, "failed", 3001, 10_000)
    await page.clock.fast_forward("05:00")
    await expect(cells.last).to_have_attribute("data-state", "failed", timeout=60_000)
    record_property("longest task", await longest_task(page))
    assert await longest_task(page) < LONGEST
