"""The newest batches, above the DAGs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Site, Visit, serving
from tests.browser.polling import hide, unhide
from tests.browser.scheduling import FIRST, add_runs, move

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def own_site(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site that no other test has batches in."""
    async with serving("2.11.2", tmp_path_factory.mktemp("latest")) as site:
        yield site


async def headings(page: Page) -> list[str]:
    """Return the prefixes in the table."""
    return await page.get_by_role("table", name="Latest batches").get_by_role("rowheader").all_inner_texts()


async def test_the_newest_batches_are_listed_and_live(own_site: Site, visit: Visit) -> None:
    await own_site.airflow.add_dag("hello")
    for number in range(11):
        await add_runs(own_site, "hello", 2, f"b{number:02}", FIRST + timedelta(days=10 * (number + 1)))
    await add_runs(own_site, "hello", 4)
    page = await visit(own_site.address)
    table = page.get_by_role("table", name="Latest batches")
    await expect(table.get_by_role("rowheader")).to_have_count(6)
    assert (await headings(page))[:2] == ["etl", "b10"]
    first = table.get_by_role("row").nth(1)
    await expect(first).to_contain_text("0 of 4 ended")
    await first.get_by_role("link", name="etl").focus()
    await move(own_site, "hello", "failed", "01")
    await page.clock.fast_forward("00:02")
    await expect(first).to_contain_text("25%")
    await expect(first.get_by_role("img", name="failed: 1, queued: 3")).to_be_visible()
    await expect(first).to_contain_text("1 failed")
    await expect(first.get_by_role("link", name="etl")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Batch etl of DAG hello")
    await page.go_back()
    await page.get_by_role("link", name="All batches").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Batches")


async def test_batches_that_have_not_ended_come_first(own_site: Site, visit: Visit) -> None:
    await own_site.airflow.add_dag("hello")
    await add_runs(own_site, "hello", 4)
    for number in range(8):
        await add_runs(own_site, "hello", 1, f"b{number}", FIRST + timedelta(days=10 * (number + 1)))
    await own_site.airflow.execute("UPDATE dag_run SET state = 'success' WHERE run_id LIKE 'b%'")
    page = await visit(own_site.address)
    table = page.get_by_role("table", name="Latest batches")
    await expect(table.get_by_role("rowheader")).to_have_text(["etl", "b7", "b6", "b5", "b4", "b3"])
    last = table.get_by_role("row").filter(has_text="b6").get_by_role("link", name="b6")
    await last.focus()
    await own_site.airflow.execute("UPDATE dag_run SET state = 'running' WHERE run_id LIKE 'b6%'")
    await page.clock.fast_forward("00:03")
    # The row that moves to the top takes the focus along.
    await expect(table.get_by_role("rowheader")).to_have_text(["b6", "etl", "b7", "b5", "b4", "b3"])
    await expect(last).to_be_focused()


async def test_the_dags_wait_for_the_batches_above_them(own_site: Site, visit: Visit) -> None:
    await own_site.airflow.add_dag("hello")
    await add_runs(own_site, "hello", 2)
    page = await visit(f"{own_site.address}/#/nowhere")

    async def late(route: Route) -> None:
        await page.wait_for_timeout(500)
        await route.continue_()

    await page.route("**/batches?*", late)
    await page.get_by_role("link", name="Home", exact=True).click()
    await page.get_by_role("link", name="hello", exact=True).last.wait_for()
    assert await headings(page) == ["etl"]


async def test_a_hidden_page_reads_no_batches(own_site: Site, visit: Visit) -> None:
    await own_site.airflow.add_dag("hello")
    await add_runs(own_site, "hello", 4)
    page = await visit(own_site.address)
    await expect(page.get_by_role("table", name="Latest batches")).to_be_visible()
    async with page.expect_response("**/batches?*"):
        await hide(page)
    await add_runs(own_site, "hello", 1, "more", FIRST + timedelta(days=9))
    await page.clock.fast_forward("01:00")
    assert await headings(page) == ["etl"]
    await unhide(page)
    await expect(page.get_by_role("table", name="Latest batches").get_by_role("rowheader")).to_have_text(
        ["more", "etl"]
    )


async def test_without_batches_there_is_no_such_section(own_site: Site, visit: Visit) -> None:
    await own_site.airflow.add_dag("hello")
    page = await visit(own_site.address)
    await expect(page.get_by_role("link", name="hello")).to_be_visible()
    await expect(page.get_by_role("heading", level=2)).to_have_count(0)
