"""The list of DAGs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.conftest import Site, Visit
from tests.databases.worlds import SQLiteWorld
from tests.service.process import ServiceProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_dag_is_listed_with_file_and_last_execution(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, full_path="shop/orders.py")
    page = await visit(f"{site.address}/#/?search={dag_id}")
    row = page.get_by_role("table", name="DAGs", exact=True).get_by_role("row").filter(has_text=dag_id)
    await expect(row).to_contain_text("shop/orders.py")
    await expect(row).to_contain_text("never")
    await row.get_by_role("link", name=dag_id).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"DAG {dag_id}")
    await expect(page).to_have_title(f"DAG {dag_id} · dagrun-api")


async def test_the_switch_pauses_and_unpauses_a_dag(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/?search={dag_id}")
    switch = page.get_by_role("switch", name=f"{dag_id} is active")
    row = page.get_by_role("table", name="DAGs", exact=True).get_by_role("row").filter(has_text=dag_id)
    await expect(switch).to_be_checked()
    for paused, word in ((True, "paused"), (False, "active")):
        await switch.press("Space")
        # A word tells the state, not only the colour.
        await expect(row).to_contain_text(word)
        await expect(page.locator("#status")).to_have_text(f"{dag_id} is now {word}.")
        rows = await site.airflow.execute("SELECT is_paused FROM dag WHERE dag_id = ?", [dag_id])
        assert bool(rows[0][0]) is paused
        await expect(switch).to_be_focused()


async def test_dags_can_be_filtered_by_text_and_by_state(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(f"{dag_id}_on")
    await site.airflow.add_dag(f"{dag_id}_off", is_paused=True)
    page = await visit(site.address)
    await page.get_by_label("Search").fill(dag_id.upper())
    await expect(page.get_by_role("table", name="DAGs", exact=True).get_by_role("row")).to_have_count(3)
    await page.get_by_label("Show").select_option("paused")
    await expect(page.get_by_role("table", name="DAGs", exact=True).get_by_role("row")).to_have_count(2)
    await expect(page.get_by_role("switch", name=f"{dag_id}_off is active")).not_to_be_checked()
    # Going back leads to the same rows.
    await page.get_by_role("link", name=f"{dag_id}_off").click()
    await page.get_by_role("heading", name=f"{dag_id}_off").wait_for()
    await page.go_back()
    await expect(page.get_by_label("Search")).to_have_value(dag_id.upper())
    await expect(page.get_by_role("table", name="DAGs", exact=True).get_by_role("row")).to_have_count(2)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site without DAGs."""
    folder = tmp_path_factory.mktemp("empty")
    async with (
        SQLiteWorld.open("2.11.2", folder) as airflow,
        ServiceProcess.start(folder, "--database", airflow.url) as service,
    ):
        yield Site(service.address, airflow)


async def test_without_dags_the_page_says_what_to_do(empty: Site, visit: Visit) -> None:
    page = await visit(empty.address)
    await expect(page.get_by_text("There are no DAGs yet")).to_be_visible()
    await expect(page.get_by_text("scheduler")).to_be_visible()
    await expect(page.get_by_label("Search")).to_be_hidden()


async def test_two_thousand_dags_are_shown_in_portions(empty: Site, visit: Visit) -> None:
    await empty.airflow.execute(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999) "
        "INSERT INTO dag (dag_id, is_active, is_paused, is_subdag, fileloc, max_active_tasks, "
        "has_task_concurrency_limits, max_consecutive_failed_dag_runs) "
        "SELECT printf('shop_%04d', i), 1, 0, 0, 'dags/shop.py', 16, 0, 0 FROM n"
    )
    page = await visit(empty.address)
    await expect(page.get_by_text("2,000 DAGs", exact=True)).to_be_visible()
    await expect(page.get_by_role("table", name="DAGs", exact=True).get_by_role("row")).to_have_count(101)
    await page.get_by_role("button", name="Show 100 more (1,900 left)").click()
    await expect(page.get_by_role("table", name="DAGs", exact=True).get_by_role("row")).to_have_count(201)
    await expect(page.get_by_role("link", name="shop_0100")).to_be_focused()
    await page.get_by_label("Search").fill("199")
    await expect(page.get_by_text("12 of 2,000 DAGs")).to_be_visible()
    await expect(page.get_by_role("table", name="DAGs", exact=True).get_by_role("row")).to_have_count(13)
    await empty.airflow.execute("DELETE FROM dag")


async def test_a_missing_dag_is_reported(site: Site, visit: Visit) -> None:
    page = await visit(f"{site.address}/#/dags/{quote('no/such dag', safe='')}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("DAG no/such dag")
    await expect(page.get_by_role("alert").filter(has_text="Dag id no/such dag not found")).to_be_visible()


async def test_an_unknown_address_shows_page_not_found(site: Site, visit: Visit) -> None:
    page = await visit(f"{site.address}/#/nowhere")
    for address in ("#/nowhere", "#/dags", "#/dags/%zz", "#/dags/a/b", "#/__proto__/x", "#main", "#/batches/"):
        await page.goto(f"{site.address}/#/")
        await expect(page.get_by_role("heading", level=1)).to_have_text("DAGs")
        await page.goto(f"{site.address}/{address}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
        await expect(page.get_by_role("link", name="All DAGs")).to_be_visible()
