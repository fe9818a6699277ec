"""The page of a batch while a scheduler, which these tests play, moves its runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.browser.batch import cells, fail_after_a_portion
from tests.browser.conftest import Site, Visit
from tests.browser.polling import hide, requested_within, unhide
from tests.browser.scheduling import FIRST, add_runs, move

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_batch_is_polled_until_all_runs_have_ended(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 12)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(page.get_by_text("0 of 12 runs ended (0%)")).to_be_visible()
    await expect(page.get_by_role("img", name="queued: 12")).to_be_visible()
    await expect(cells(page)).to_have_count(12)
    await cells(page).nth(3).focus()
    await move(site, dag_id, "running", "04")
    await move(site, dag_id, "failed", "1_")
    await page.clock.fast_forward("00:05")
    await expect(page.get_by_text("3 of 12 runs ended (25%)")).to_be_visible()
    await expect(page.get_by_role("img", name="failed: 3, running: 1, queued: 8")).to_be_visible()
    fourth = page.get_by_role("link", name="2017-09-04 12:00:00 UTC, running, etl_0000004_2017-09-04T12:00:00")
    await expect(fourth.first).to_be_focused()
    await expect(page.get_by_role("table", name="Runs of the batch").get_by_text("running")).to_have_count(1)
    await move(site, dag_id, "success", "0_")
    await page.clock.fast_forward("00:05")
    await expect(
        page.get_by_text("All 12 runs have ended: 9 succeeded, 3 failed (3 cancelled before they started).")
    ).to_be_visible()
    await expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    await expect(page.locator("#status")).to_have_text("All runs of the batch have ended.")
    # The last change is shown too, and then the page looks rarely.
    await page.clock.fast_forward("00:05")
    await expect(page.get_by_role("row").filter(has_text="success")).to_have_count(9)
    await page.clock.fast_forward("00:10")
    assert len(await requested_within(page, "00:02")) <= 1


async def test_runs_are_not_read_again_without_a_change(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 3)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(cells(page)).to_have_count(3)
    statuses: list[tuple[str, int]] = []
    page.on("response", lambda answer: statuses.append((answer.url.partition("/v1/")[2], answer.status)))
    async with page.expect_response("**/batches/*"):
        await page.clock.fast_forward("00:02")
    assert set(statuses) == {(f"batches/etl?dag_id={dag_id}", 304)}


async def test_a_hidden_page_polls_less_often(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 3)
    page = await visit(f"{site.address}/#/")
    await hide(page)
    await page.evaluate(f"location.hash = '#/batches/etl?dag_id={dag_id}'")
    await expect(page.get_by_role("row")).to_have_count(4)
    await move(site, dag_id, "running", "01")
    assert await requested_within(page, "00:05") == []
    await unhide(page)
    await expect(page.get_by_role("img", name="running: 1, queued: 2")).to_be_visible(timeout=1500)


async def test_the_runs_have_pages_and_a_state_filter(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 51)
    # The API also finds these by the prefix, but they belong to another batch.
    await add_runs(site, dag_id, 1, "etl_x", FIRST - timedelta(days=1))
    await move(site, dag_id, "failed", "51")
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    rows = page.get_by_role("table", name="Runs of the batch").get_by_role("row")
    await expect(rows).to_have_count(51)
    await expect(page.get_by_role("button", name="Previous")).to_be_disabled()
    await page.get_by_role("button", name="Next").click()
    await expect(rows).to_have_count(2)
    await expect(page.get_by_role("button", name="Next")).to_be_disabled()
    await page.get_by_role("button", name="Previous").click()
    await expect(rows).to_have_count(51)
    await page.get_by_label("State").select_option("failed")
    await expect(page.get_by_text("1 run", exact=True)).to_be_visible()
    await rows.get_by_role("link", name="etl_0000051").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run etl_0000051_")
    await expect(page.locator("dl").first).to_contain_text("failed")
    await page.get_by_role("link", name="etl", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Batch etl of DAG {dag_id}")


async def test_arrow_keys_move_between_the_cells_of_the_map(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 100)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(cells(page)).to_have_count(100)
    await page.get_by_role("button", name="Cancel").focus()
    for key, place in (("Tab", 0), ("ArrowRight", 1), ("End", 99), ("ArrowRight", 99), ("Home", 0), ("ArrowLeft", 0)):
        await page.keyboard.press(key)
        await expect(cells(page).nth(place)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    below = await page.evaluate("document.activeElement.getBoundingClientRect().left")
    assert below == await cells(page).nth(0).evaluate("cell => cell.getBoundingClientRect().left")
    # The link of the line below, and then the table.
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("State")).to_be_focused()
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run etl_0000100_")


async def test_unstarted_runs_are_cancelled_after_confirmation(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 6)
    await move(site, dag_id, "success", "01")
    await move(site, dag_id, "running", "02")
    await site.airflow.add_task_instance(dag_id, f"etl_0000002_{FIRST + timedelta(days=1):%Y-%m-%dT%H:%M:%S}", FIRST)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    cancel = page.get_by_role("button", name="Cancel runs that have not started")
    await cancel.click()
    dialog = page.get_by_role("dialog", name="Cancel 4 queued runs?")
    await expect(dialog).to_contain_text("1 running")
    await expect(dialog).to_contain_text("Runs that have ended do not change (1 ended)")
    await expect(dialog.get_by_role("button", name="Keep runs")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(cancel).to_be_focused()
    await cancel.click()
    await dialog.get_by_role("button", name="Cancel runs").click()
    await expect(page.get_by_text("4 runs cancelled. Already started: 1. Already ended: 1.")).to_be_visible()
    # At once, not after the next poll.
    await expect(page.get_by_role("img", name="success: 1, failed: 4, running: 1")).to_be_visible(timeout=1500)


async def test_a_missing_batch_is_reported(site: Site, visit: Visit) -> None:
    page = await visit(f"{site.address}/#/batches/nothing")
    await expect(page.get_by_role("alert").filter(has_text="No run has the prefix nothing")).to_be_visible()
    await expect(page.get_by_role("button", name="Retry")).to_be_visible()


async def test_a_cancellation_that_fails_is_told_on_the_page(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 12)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await fail_after_a_portion(
        page, "**/cancel?*", {"cancelled": 5, "started": 0, "ended": 5, "truncated": True, "dag_run_ids": []}
    )
    await page.get_by_role("button", name="Cancel runs that have not started").click()
    await page.get_by_role("button", name="Cancel runs", exact=True).click()
    outcome = page.get_by_role("status").filter(has_text="5 runs cancelled. The database is locked.")
    await expect(outcome).to_contain_text("It is safe to cancel again.")
