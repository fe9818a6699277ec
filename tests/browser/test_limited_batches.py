"""The page of a batch that is a native backfill, or that several DAGs have: its limit, its pause, and its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from dagrun_api.client import Client
from tests.browser.batch import cells
from tests.browser.conftest import Site, Visit
from tests.browser.polling import requested_within
from tests.browser.scheduling import move

pytestmark = pytest.mark.asyncio(loop_scope="session")

FIRST = datetime(2017, 9, 1, tzinfo=UTC)


async def create(site: Site, dag_id: str, number: int = 3, *, prefix: str = "etl", limit: int | None = 4) -> None:
    """Create a batch of a new DAG."""
    await site.airflow.add_dag(dag_id)
    async with Client(site.address) as client:
        await client.create(
            dag_id, prefix=prefix, start_date=FIRST, end_date=FIRST + timedelta(days=number), max_active_runs=limit
        )


async def is_paused(site: Site, dag_id: str) -> bool:
    ((value,),) = await site.airflow.execute("SELECT is_paused FROM backfill WHERE dag_id = ?", [dag_id])
    return bool(value)


async def test_a_backfill_is_paused_and_continued(native_site: Site, visit: Visit, dag_id: str) -> None:
    await create(native_site, dag_id)
    page = await visit(f"{native_site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(page.get_by_text("0 of 3 runs ended (0%). At most 4 at once.", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Pause", exact=True).click()
    await expect(page.locator("#status")).to_have_text(f"Paused in {dag_id}.")
    # At once, not after the next poll.
    await expect(page.get_by_text("Paused: no further runs start.")).to_be_visible(timeout=1500)
    assert await is_paused(native_site, dag_id)
    button = page.get_by_role("button", name="Continue", exact=True)
    await expect(button).to_be_focused()
    await button.click()
    await expect(page.get_by_text("Paused:")).to_have_count(0, timeout=1500)
    await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    assert not await is_paused(native_site, dag_id)
    await move(native_site, dag_id, "success", "__")
    await page.clock.fast_forward("00:02")
    await expect(page.get_by_text("All 3 runs have ended: 3 succeeded.")).to_be_visible()
    await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_hidden()
    await expect(page.get_by_role("heading", name="All 3 runs have ended")).to_be_focused()


async def test_a_paused_batch_is_polled_less_often(native_site: Site, visit: Visit, dag_id: str) -> None:
    await create(native_site, dag_id)
    await move(native_site, dag_id, "running", "01")
    page = await visit(f"{native_site.address}/#/batches/etl?dag_id={dag_id}")
    await page.get_by_role("button", name="Pause", exact=True).click()
    await expect(page.get_by_text("Paused:")).to_be_visible()
    # Runs that have started go on.
    assert await requested_within(page, "00:02") != []
    await move(native_site, dag_id, "success", "01")
    await page.clock.fast_forward("00:02")
    await expect(page.get_by_text("1 of 3 runs ended")).to_be_visible()
    # Only the progress counts here: the table has a rhythm of its own.
    requested = await requested_within(page, "00:02")
    assert len([address for address in requested if "/batches/" in address]) <= 1
    await page.clock.fast_forward("01:00")
    await expect(page.get_by_role("row").filter(has_text="success")).to_have_count(1)
    async with Client(native_site.address) as client:
        await client.set_batch_paused("etl", False, dag_id)
    await page.clock.fast_forward("00:20")
    await expect(page.get_by_text("Paused:")).to_have_count(0)


async def test_a_batch_that_has_ended_meanwhile_is_not_paused(native_site: Site, visit: Visit, dag_id: str) -> None:
    await create(native_site, dag_id)
    page = await visit(f"{native_site.address}/#/batches/etl?dag_id={dag_id}")
    pause = page.get_by_role("button", name="Pause", exact=True)
    await pause.wait_for()
    await native_site.airflow.execute("UPDATE backfill SET completed_at = updated_at WHERE dag_id = ?", [dag_id])
    await pause.click()
    await expect(page.get_by_role("alert").filter(has_text="The batch etl has ended")).to_be_visible()
    await expect(pause).to_be_visible()
    await native_site.airflow.execute("UPDATE backfill SET completed_at = NULL WHERE dag_id = ?", [dag_id])
    await pause.click()
    await expect(page.get_by_role("alert").filter(has_text="has ended")).to_have_count(0)


async def test_an_ordinary_batch_has_neither_limit_nor_pause(native_site: Site, visit: Visit, dag_id: str) -> None:
    await create(native_site, dag_id, limit=None)
    page = await visit(f"{native_site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(page.get_by_text("0 of 3 runs ended (0%).", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Pause", exact=True)).to_be_hidden()


async def test_in_several_dags_each_is_paused_by_itself(native_site: Site, visit: Visit, dag_id: str) -> None:
    one, two, plain = (f"{dag_id}{letter}" for letter in "abc")
    await create(native_site, one, prefix=dag_id, limit=2)
    await create(native_site, two, prefix=dag_id, limit=7)
    await create(native_site, plain, prefix=dag_id, limit=None)
    page = await visit(f"{native_site.address}/#/batches/{dag_id}")
    rows = page.locator(".map-row")
    await expect(rows).to_contain_text(["at most 2 at oncePause", "at most 7 at oncePause", ""])
    await expect(rows.get_by_role("button")).to_have_count(2)
    await page.get_by_role("button", name=f"Pause in {two}").click()
    await expect(rows).to_contain_text(["at most 2 at oncePause", "pausedContinue", ""])
    await expect(page.get_by_role("button", name=f"Continue in {two}")).to_be_focused()
    assert [await is_paused(native_site, each) for each in (one, two)] == [False, True]
    await native_site.airflow.execute("UPDATE dag_run SET state = 'running' WHERE dag_id = ?", [one])
    await page.clock.fast_forward("00:02")
    await expect(page.get_by_role("img", name="running: 3, queued: 6")).to_be_visible()
    await expect(rows).to_contain_text(["0 of 3 ended, 3 running", "0 of 3 ended", "0 of 3 ended"])
    await expect(page.get_by_role("button", name=f"Continue in {two}")).to_be_focused()


async def test_a_pause_button_leaves_the_map_in_the_tab_order(native_site: Site, visit: Visit, dag_id: str) -> None:
    one, two = f"{dag_id}a", f"{dag_id}b"
    for each in (one, two):
        await create(native_site, each, prefix=dag_id)
    page = await visit(f"{native_site.address}/#/batches/{dag_id}")
    await expect(cells(page, one)).to_have_count(3)
    await page.get_by_role("button", name=f"Pause in {two}").focus()
    await page.keyboard.press("Shift+Tab")
    await expect(cells(page, one).first).to_be_focused()


async def test_cancelling_in_several_dags_says_so(native_site: Site, visit: Visit, dag_id: str) -> None:
    for letter in "ab":
        await create(native_site, f"{dag_id}{letter}", prefix=dag_id)
    page = await visit(f"{native_site.address}/#/batches/{dag_id}")
    await page.get_by_role("button", name="Cancel runs that have not started in both DAGs").click()
    dialog = page.get_by_role("dialog", name="Cancel 6 queued runs in both DAGs?")
    await dialog.get_by_role("button", name="Cancel runs").click()
    await expect(page.get_by_text("6 runs cancelled.")).to_be_visible()
    await expect(page.get_by_text("6 failed (6 cancelled before they started).")).to_be_visible()


async def test_cancelling_in_one_dag_leaves_the_others(native_site: Site, visit: Visit, dag_id: str) -> None:
    one, two = f"{dag_id}a", f"{dag_id}b"
    await create(native_site, one, prefix=dag_id)
    page = await visit(f"{native_site.address}/#/batches/{dag_id}")
    await page.get_by_role("button", name="Cancel runs that have not started…").click()
    # It came after what the dialog shows.
    await create(native_site, two, prefix=dag_id)
    await page.get_by_role("dialog").get_by_role("button", name="Cancel runs").click()
    await expect(page.get_by_text("3 runs cancelled.")).to_be_visible()
    assert {run["state"] for run in await native_site.airflow.runs_of(two)} == {"queued"}
