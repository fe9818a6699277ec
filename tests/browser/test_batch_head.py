"""The head of the page of a batch: how fast its runs end, how long the others take, and what happens after the end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.browser.batch import cells
from tests.browser.conftest import Site, Visit
from tests.browser.polling import hide, requested_within, unhide
from tests.browser.scheduling import FIRST, add_runs, move

pytestmark = pytest.mark.asyncio(loop_scope="session")

_IN_WORDS = """
async ([samples, now]) => {
    const {rateInWords, rateOf, withSample} = await import('./static/batch/rate.js');
    const kept = samples.reduce((all, [at, ended]) => withSample(all, {at, ended}), []);
    const rate = rateOf(kept, now);
    return rate && rateInWords(rate, 100);
}
"""


async def opened(site: Site, visit: Visit, dag_id: str, number: int) -> Page:
    """Return the page of a new batch."""
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, number)
    return await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")


@pytest.mark.parametrize(
    ("samples", "now", "words"),
    [
        ([[0, 0]], 60, None),
        ([[0, 0], [10, 2], [30, 2]], 30, None),
        ([[0, 0], [10, 50]], 10, None),
        ([[0, 0], [30, 6], [60, 12]], 60, "12 runs a minute, about 8 minutes left"),
        ([[0, 10], [600, 20], [1200, 30]], 1210, "1 run a minute, about 1.5 hours left"),
        ([[0, 0], [400, 1], [600, 3]], 600, "18 runs an hour, about 5.5 hours left"),
        ([[0, 0], [10, 50], [20, 100]], 20, "300 runs a minute, less than a minute left"),
        # In bursts of 16, four minutes apart: what passed since the last one is no part of it.
        ([[0, 0], [240, 16], [480, 32]], 700, "4 runs a minute, about 25 minutes left"),
        # Longer than any pause before: the batch has become slower.
        ([[0, 0], [240, 16], [480, 32]], 960, "2 runs a minute, about 50 minutes left"),
        # Retried: those that have ended once say nothing.
        ([[0, 90], [60, 100], [70, 40]], 80, None),
        # Only the last ten minutes count.
        ([[0, 0], [60, 600], [700, 603], [1300, 606]], 1300, "18 runs an hour, about 5.5 hours left"),
    ],
)
async def test_the_rate_of_what_was_seen(
    site: Site, visit: Visit, samples: list[list[int]], now: int, words: str | None
) -> None:
    page = await visit(f"{site.address}/#/")
    assert await page.evaluate(_IN_WORDS, [samples, now]) == words


async def test_the_rate_and_the_time_left_are_told(site: Site, visit: Visit, dag_id: str) -> None:
    page = await opened(site, visit, dag_id, 12)
    await expect(page.get_by_text("0 of 12 runs ended")).to_be_visible()
    await expect(page.locator(".pace")).to_be_empty()
    await move(site, dag_id, "success", "01")
    await move(site, dag_id, "success", "02")
    await move(site, dag_id, "success", "03")
    await page.clock.fast_forward("01:00")
    await expect(page.get_by_text("3 runs a minute, about 3 minutes left.")).to_be_visible()
    # Nothing moves for as long again.
    await page.clock.fast_forward("02:00")
    await expect(page.get_by_text("1 run a minute, about 9 minutes left.")).to_be_visible()


async def test_the_first_look_tells_a_rate_so_far(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 12)
    now = datetime.now(UTC)
    await site.airflow.execute(
        "UPDATE dag_run SET queued_at = ?, end_date = ?, state = 'success' WHERE dag_id = ? AND run_id LIKE ?",
        [now - timedelta(minutes=6), now, dag_id, "etl_00000%"],
    )
    await move(site, dag_id, "running", "1_")
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(page.get_by_text("1.5 runs a minute, about 2 minutes left.")).to_be_visible()


async def test_what_has_not_moved_lately_has_no_rate(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 9)
    ended = datetime.now(UTC) - timedelta(hours=2, seconds=5)
    await site.airflow.execute(
        "UPDATE dag_run SET queued_at = ?, end_date = ?, state = 'success' WHERE dag_id = ? AND run_id LIKE ?",
        [ended - timedelta(minutes=6), ended, dag_id, "etl_000000%"],
    )
    await move(site, dag_id, "queued", "05")
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(page.get_by_text("The last run ended 2 hours ago.")).to_be_visible()


async def test_the_end_tells_the_results_and_the_duration(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 6)
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'success', queued_at = ?1, start_date = ?1, end_date = ?2 WHERE dag_id = ?3",
        [FIRST, FIRST + timedelta(minutes=64), dag_id],
    )
    await move(site, dag_id, "failed", "02")
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    heading = page.get_by_role("heading", name="All 6 runs ended in 1 hour 4 minutes: 5 succeeded, 1 failed.")
    await expect(heading).to_be_visible()
    await expect(page.get_by_text("The last one ended at 2017-09-01 13:04:00 UTC.")).to_be_visible()


async def test_runs_that_are_added_after_the_end_are_seen(site: Site, visit: Visit, dag_id: str) -> None:
    page = await opened(site, visit, dag_id, 2)
    await move(site, dag_id, "success", "__")
    await page.clock.fast_forward("00:03")
    await expect(page.get_by_text("All 2 runs have ended")).to_be_visible()
    await expect(cells(page)).to_have_count(2)
    await page.clock.fast_forward("05:00")
    await add_runs(site, dag_id, 3, first=FIRST + timedelta(days=2))
    await page.clock.fast_forward("01:00")
    await expect(page.get_by_text("2 of 5 runs ended (40%).")).to_be_visible()
    await page.clock.fast_forward("10:00:00")
    await expect(cells(page)).to_have_count(5)
    # The page is busy again.
    await move(site, dag_id, "success", "__")
    await page.clock.fast_forward("00:02")
    await expect(page.get_by_text("All 5 runs have ended")).to_be_visible()


async def test_after_the_end_a_hidden_page_asks_nothing(site: Site, visit: Visit, dag_id: str) -> None:
    page = await opened(site, visit, dag_id, 2)
    await move(site, dag_id, "success", "__")
    await page.clock.fast_forward("00:03")
    await expect(page.get_by_text("All 2 runs have ended")).to_be_visible()
    async with page.expect_response("**/batches/*"):
        await page.clock.fast_forward("05:00")
    await hide(page)
    # The table may still be read once, for the last change.
    assert [address for address in await requested_within(page, "10:00") if "/batches/" in address] == []
    await move(site, dag_id, "running", "01")
    await unhide(page)
    await expect(page.get_by_text("1 of 2 runs ended")).to_be_visible(timeout=1500)


async def test_the_focus_of_a_button_that_vanishes_is_kept(site: Site, visit: Visit, dag_id: str) -> None:
    page = await opened(site, visit, dag_id, 3)
    await page.get_by_role("button", name="Cancel runs that have not started").click()
    await page.get_by_role("dialog").get_by_role("button", name="Cancel runs").click()
    await expect(page.get_by_role("heading", name="All 3 runs")).to_be_focused()
    await page.get_by_role("button", name="Retry failed runs…").click()
    await page.get_by_role("dialog").get_by_role("button", name="Retry runs").click()
    await expect(page.get_by_role("heading", name="0 of 3 runs ended")).to_be_focused()
