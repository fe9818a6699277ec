"""The map of a batch, with a row for each DAG, and the failed runs above it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.browser.batch import cells
from tests.browser.conftest import Site, Visit
from tests.browser.scheduling import FIRST, add_runs, in_time, move

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_each_dag_has_a_row_with_its_counts(site: Site, visit: Visit, dag_id: str) -> None:
    one, two = f"{dag_id}a", f"{dag_id}b"
    for each, number in ((one, 2), (two, 3)):
        await site.airflow.add_dag(each)
        await add_runs(site, each, number, f"{dag_id}_both")
    await site.airflow.execute("UPDATE dag_run SET state = 'failed' WHERE dag_id = ?", [two])
    page = await visit(f"{site.address}/#/batches")
    await page.get_by_label("Name").fill(f"{dag_id}_both_")
    await page.get_by_role("button", name="Open").click()
    await expect(page.get_by_text("3 of 5 runs ended")).to_be_visible()
    rows = page.locator(".map-row")
    await expect(rows).to_contain_text([f"{one} 0 of 2 ended", f"{two} 3 of 3 ended, 3 failed"], use_inner_text=True)
    await expect(cells(page, one)).to_have_count(2)
    await expect(cells(page, two)).to_have_count(3)
    await expect(page.get_by_role("table", name="The newest failed runs").get_by_text(two)).to_have_count(3)
    # The map has one stop; keys also lead to the names of the DAGs.
    await cells(page, two).first.focus()
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("link", name=two, exact=True)).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Home")
    for _ in range(2):
        await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Batch {dag_id}_both of DAG {two}")
    await expect(page.get_by_text("All 3 runs have ended")).to_be_visible()


async def test_the_line_below_the_map_follows_its_run(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 12)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await cells(page).nth(3).hover()
    line = page.locator(".pointed")
    await expect(line).to_contain_text("2017-09-04 12:00:00queuednot started yet")
    link = line.get_by_role("link", name="etl_0000004_2017-09-04")
    await link.focus()
    start = FIRST + timedelta(days=1)
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'failed', start_date = ?, end_date = ? WHERE dag_id = ? AND run_id LIKE ?",
        [start, start + timedelta(seconds=90), dag_id, "etl_0000004_%"],
    )
    await page.clock.fast_forward("00:05")
    await expect(line).to_contain_text(
        "failedstarted 2017-09-02 12:00:00, ended 2017-09-02 12:01:30 (1 minute 30 seconds)"
    )
    await expect(link).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run etl_0000004_")


async def test_a_cell_of_several_runs_leads_to_a_failed_one(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 2001)
    await move(site, dag_id, "failed", "04")
    await move(site, dag_id, "running", "05")
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(cells(page)).to_have_count(1001)
    await expect(page.get_by_text("Each cell stands for 2 runs in a row")).to_be_visible()
    text = f"2017-09-03 12:00:00 to 2017-09-04 12:00:00 UTC, 2 runs of {dag_id}: 1 failed, 1 queued"
    await page.get_by_role("link", name=text).focus()
    await expect(page.locator(".pointed")).to_contain_text("2 runs: 1 failed, 1 queuedthe first that failed:")
    await expect(cells(page).nth(2)).to_have_attribute("data-state", "running")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run etl_0000004_")


async def test_only_what_may_have_changed_is_read_again(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 1000)
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'success' WHERE dag_id = ? AND run_id < 'etl_0000650'", [dag_id]
    )
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'running' WHERE dag_id = ? AND run_id LIKE 'etl_000065%'", [dag_id]
    )
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(cells(page)).to_have_count(1000)
    await page.clock.fast_forward("01:00")
    read: list[str] = []
    page.on("request", lambda request: read.append(request.url) if "limit=100" in request.url else None)
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'success' WHERE dag_id = ? AND run_id LIKE 'etl_0000651%'", [dag_id]
    )
    await page.clock.fast_forward("00:05")
    await expect(cells(page).nth(650)).to_have_attribute("data-state", "success")
    assert len(read) == 1


async def test_failed_runs_are_on_top_until_there_are_none(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 60)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    failed = page.get_by_role("region", name="Failed runs")
    await expect(page.get_by_role("table", name="Runs of the batch").get_by_role("row")).to_have_count(51)
    await expect(failed).to_be_hidden()
    await move(site, dag_id, "failed", "2_")
    await move(site, dag_id, "failed", "57")
    await page.clock.fast_forward("00:05")
    await expect(failed.get_by_role("rowheader")).to_have_count(10)
    await expect(failed.get_by_role("rowheader").first).to_contain_text("etl_0000057")
    await failed.get_by_role("button", name="All 11 failed runs").click()
    await expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_focused()
    await expect(page.get_by_label("State")).to_have_value("failed")
    await expect(page.get_by_text("11 runs", exact=True)).to_be_visible()
    assert "state=failed" in page.url
    await failed.get_by_role("link").first.focus()
    await move(site, dag_id, "success", "57")
    await in_time(page, lambda ms: expect(failed.get_by_role("heading")).to_be_focused(timeout=ms))
    await move(site, dag_id, "success", "2_")
    await in_time(page, lambda ms: expect(failed).to_be_hidden(timeout=ms))
    await expect(page.get_by_role("heading", name="11 of 60 runs ended")).to_be_focused()
