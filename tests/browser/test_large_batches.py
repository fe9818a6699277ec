"""The page of a batch of ten thousand runs: it never blocks for long, and shows all of them."""

from __future__ import annotations

from time import perf_counter

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.batch import cells
from tests.browser.conftest import Site, Visit
from tests.browser.scheduling import add_runs
from tests.browser.tracing import LONGEST, traced

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def set_state(site: Site, dag_id: str, state: str, first: int, last: int) -> None:
    """Set the state of the runs with these numbers."""
    await site.airflow.execute(
        "UPDATE dag_run SET state = ? WHERE dag_id = ? AND CAST(substr(run_id, 5, 7) AS INT) BETWEEN ? AND ?",
        [state, dag_id, first, last],
    )


async def settle(page: Page, cell: Locator, state: str) -> None:
    """Let time pass until a cell has a state: how long the page rests depends on how long it read, by that clock."""
    for _ in range(12):
        await page.clock.fast_forward("01:00:00")
        try:
            await expect(cell).to_have_attribute("data-state", state, timeout=5000)
        except AssertionError:
            continue
        return
    raise AssertionError(f"The cell is not {state}")


async def test_no_task_of_the_page_takes_long(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 10_000)
    page = await visit(f"{site.address}/#/")
    start = perf_counter()
    async with traced(page) as opening:
        await page.evaluate(f"location.hash = '#/batches/etl?dag_id={dag_id}'")
        await expect(page.get_by_text("Each cell stands for 5 runs")).to_be_visible()
        await expect(page.get_by_text("Reading the runs")).to_have_count(0, timeout=120_000)
        await expect(cells(page)).to_have_count(2000)
    print(f"\ncomplete after {perf_counter() - start:.1f} s, longest task {max(opening):.0f} ms")
    await set_state(site, dag_id, "success", 1, 3000)
    await set_state(site, dag_id, "failed", 3000, 3000)
    await set_state(site, dag_id, "running", 3001, 3016)
    async with traced(page) as changing:
        await settle(page, cells(page).nth(599), "failed")
        await expect(page.get_by_text("3,000 of 10,000 runs ended")).to_be_visible()
        await set_state(site, dag_id, "failed", 3001, 10_000)
        await settle(page, cells(page).last, "failed")
    print(f"longest task after changes {max(changing):.0f} ms")
    assert max(*opening, *changing) < LONGEST
