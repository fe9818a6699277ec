"""Lists of two thousand DAGs: no step keeps the page busy for long."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import Site, Visit, serving
from tests.browser.tracing import LONGEST, traced

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def crowded(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site with 2,000 DAGs and 20 runs of each."""
    async with serving("2.11.2", tmp_path_factory.mktemp("crowded")) as site:
        await site.airflow.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999) "
            "INSERT INTO dag (dag_id, is_active, is_paused, is_subdag, fileloc, max_active_tasks, next_dagrun, "
            "next_dagrun_create_after, has_task_concurrency_limits, max_consecutive_failed_dag_runs) "
            "SELECT printf('shop_%04d', i), 1, i % 5 = 0, 0, 'dags/shop.py', 16, '2030-01-01 00:00:00', "
            "datetime('2030-01-01', printf('+%d minutes', (i * 7919) % 2000)), 0, 0 FROM n"
        )
        await site.airflow.execute(
            "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 39999) "
            "INSERT INTO dag_run (dag_id, run_id, execution_date, state, run_type, external_trigger) "
            "SELECT printf('shop_%04d', i % 2000), printf('scheduled__%d', i), "
            "datetime('2017-09-01', printf('+%d minutes', i)), CASE i % 7 WHEN 0 THEN 'failed' ELSE 'success' END, "
            "'scheduled', 0 FROM n"
        )
        yield site


async def test_no_step_blocks_the_page_for_long(crowded: Site, visit: Visit) -> None:
    page = await visit(f"{crowded.address}/#/nowhere")
    table = page.get_by_role("table", name="DAGs", exact=True)
    rows = page.locator(".dags tbody tr")
    took: dict[str, float] = {}

    @asynccontextmanager
    async def step(name: str) -> AsyncGenerator[None]:
        async with traced(page) as tasks:
            yield
        took[name] = max(tasks)

    async with step("load"):
        await page.get_by_role("link", name="Home", exact=True).click()
        await expect(rows).to_have_count(100)
        await page.get_by_role("list", name="Last runs of shop_0003").wait_for()
    async with step("search"):
        await page.get_by_label("Search").press_sequentially("shop_1")
        await expect(page.get_by_text("1,000 of 2,000 DAGs")).to_be_visible()
    async with step("search again"):
        await page.get_by_label("Search").fill("")
        await expect(page.get_by_text("2,000 DAGs", exact=True)).to_be_visible()
    for number, heading in enumerate(("Next run (UTC)", "Last run (UTC)", "Last run (UTC)", "DAG", "DAG")):
        async with step(f"sort by {heading}, {number}"):
            await table.get_by_role("button", name=heading, exact=True).click()
            await expect(rows).to_have_count(100)
    for portions in range(2, 11):
        async with step(f"show {portions}00"):
            await page.get_by_role("button", name="Show 100 more").click()
            await expect(rows).to_have_count(100 * portions)
    async with step("look again after a minute"), page.expect_response("**/latest_runs"):
        await page.clock.fast_forward("01:00")
    async with step("search among a thousand"):
        await page.get_by_label("Search").fill("shop_19")
        await expect(rows).to_have_count(100)
    assert {name: duration for name, duration in took.items() if duration > LONGEST} == {}
