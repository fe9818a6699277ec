"""The view of all batches: its pages, its filter, and what it keeps in the address."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit, serving
from tests.browser.scheduling import FIRST, add_runs, move

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def sixty(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site with 60 batches of a DAG, and two of another one, which are the oldest."""
    async with serving("2.11.2", tmp_path_factory.mktemp("sixty")) as site:
        for dag_id in ("hello", "other"):
            await site.airflow.add_dag(dag_id)
        for number in range(2):
            await add_runs(site, "other", 3, f"o{number}", FIRST + timedelta(days=5 * number))
        for number in range(60):
            await add_runs(site, "hello", 1, f"b{number:02}", FIRST + timedelta(days=number))
        await site.airflow.execute("UPDATE dag_run SET state = 'success', end_date = '2017-10-01 00:00:00'")
        yield site


def batches(page: Page) -> Locator:
    """Return the headings of the rows."""
    return page.get_by_role("table", name="Batches").get_by_role("rowheader")


async def test_batches_are_listed_a_page_at_a_time(sixty: Site, visit: Visit) -> None:
    page = await visit(f"{sixty.address}/#/batches")
    await expect(page).to_have_title("Batches · dagrun-api")
    await expect(page.get_by_role("link", name="Batches", exact=True)).to_have_attribute("aria-current", "page")
    await expect(batches(page)).to_have_count(25)
    await expect(batches(page).first).to_have_text("b59")
    await expect(page.get_by_text("25 batches on page 1")).to_be_visible()
    await expect(page.get_by_role("button", name="Previous")).to_be_hidden()
    await page.get_by_role("button", name="Next").press("Enter")
    await expect(batches(page).first).to_have_text("b34")
    await page.get_by_role("button", name="Next").press("Enter")
    await expect(page.get_by_text("12 batches on page 3")).to_be_visible()
    await expect(batches(page).last).to_have_text("o0")
    # The button is gone; the focus is at the beginning of the page that it led to.
    await expect(page.get_by_role("button", name="Next")).to_be_hidden()
    await expect(page.get_by_role("heading", name="Batches, newest first")).to_be_focused()
    await page.get_by_role("button", name="Previous").click()
    await expect(page.get_by_text("25 batches on page 2")).to_be_visible()
    await expect(batches(page).first).to_have_text("b34")


async def test_reload_and_back_lead_to_the_same_page(sixty: Site, visit: Visit) -> None:
    page = await visit(f"{sixty.address}/#/batches")
    await page.get_by_role("button", name="Next").click()
    await expect(batches(page).first).to_have_text("b34")
    await page.reload()
    await expect(batches(page).first).to_have_text("b34")
    await expect(page.get_by_text("25 batches on this page")).to_be_visible()
    await batches(page).first.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Batch b34 of DAG hello")
    await page.go_back()
    await expect(batches(page).first).to_have_text("b34")
    await page.get_by_role("button", name="First page").click()
    await expect(batches(page).first).to_have_text("b59")
    await expect(page.get_by_role("button", name="First page")).to_be_hidden()
    assert page.url == f"{sixty.address}/#/batches"


async def test_batches_can_be_filtered_by_dag(sixty: Site, visit: Visit) -> None:
    page = await visit(f"{sixty.address}/#/batches")
    await page.get_by_role("button", name="Next").click()
    await expect(batches(page).first).to_have_text("b34")
    field = page.get_by_label("DAG", exact=True)
    await expect(page.locator("datalist option")).to_have_count(2)
    await field.fill("other")
    await expect(batches(page)).to_have_text(["o1", "o0"])
    await expect(page.get_by_text("2 batches", exact=True)).to_be_visible()
    await page.reload()
    await expect(field).to_have_value("other")
    await expect(batches(page)).to_have_text(["o1", "o0"])
    await field.fill("no such DAG")
    await field.press("Enter")
    await expect(page.get_by_text("There are no batches of the DAG no such DAG.")).to_be_visible()
    await expect(page.get_by_role("table", name="Batches")).to_be_hidden()
    await field.fill("")
    await expect(batches(page)).to_have_count(25)


async def test_a_listed_batch_shows_its_progress_live(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 4)
    await move(site, dag_id, "failed", "01")
    page = await visit(f"{site.address}/#/batches?dag_id={dag_id}")
    row = page.get_by_role("table", name="Batches").get_by_role("row").filter(has_text=dag_id)
    await expect(row).to_contain_text("25%")
    await expect(row).to_contain_text("1 of 4 ended")
    await expect(row).to_contain_text("1 failed")
    await expect(row).to_contain_text("not yet")
    await expect(row).to_contain_text("to 2017-09-04 12:00:00")
    await row.get_by_role("link", name="etl").focus()
    await move(site, dag_id, "success", "0_")
    await page.clock.fast_forward("00:03")
    await expect(row).to_contain_text("100%")
    await expect(row).not_to_contain_text("ended")
    await expect(row.get_by_role("link", name="etl")).to_be_focused()
    await row.get_by_role("link", name=dag_id).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"DAG {dag_id}")


async def test_the_list_reads_on_below_scheduled_runs(tmp_path: Path, visit: Visit) -> None:
    async with serving("2.11.2", tmp_path) as site:
        await site.airflow.add_dag("hello")
        await add_runs(site, "hello", 2)
        await add_scheduled_runs(site, 31_000)
        page = await visit(f"{site.address}/#/batches")
        # The first answer is empty.
        await expect(batches(page)).to_have_text(["etl"])
        await add_scheduled_runs(site, 130_000)
        await page.reload()
        await expect(page.get_by_text("There are only scheduled runs here. Next looks further back.")).to_be_visible()
        await page.get_by_role("button", name="Next").click()
        await expect(batches(page)).to_have_text(["etl"])


async def add_scheduled_runs(site: Site, number: int) -> None:
    """Add runs of the schedule, which are newer than all others."""
    await site.airflow.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
        "INSERT INTO dag_run (dag_id, run_id, execution_date, state, run_type, external_trigger) "
        "SELECT 'hello', printf('scheduled__%d', i + last), datetime('2018-01-01', printf('+%d minutes', i + last)), "
        "'success', 'scheduled', 0 FROM n, (SELECT max(id) AS last FROM dag_run)",
        [number],
    )


async def test_without_batches_the_list_says_what_to_do(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/batches?dag_id={dag_id}")
    await expect(page.get_by_text(f"There are no batches of the DAG {dag_id}.")).to_be_visible()


async def test_what_is_past_is_so_for_a_slow_clock(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 2)
    now = datetime.now(UTC)
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'success', queued_at = ?, end_date = ? WHERE dag_id = ?", [now, now, dag_id]
    )
    page = await visit(f"{site.address}/#/nowhere")
    await page.clock.install(time=now - timedelta(hours=1))
    await page.goto(f"{site.address}/#/batches?dag_id={dag_id}")
    await expect(page.get_by_role("row").filter(has_text="etl").get_by_role("cell").last).to_contain_text("now")
    await page.goto(f"{site.address}/#/dags/{dag_id}")
    await expect(page.get_by_role("row").filter(has_text="etl").get_by_role("cell").last).to_have_text("now")
