"""What the page of a DAG says of it: its schedule, its facts, and its newest batches."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from dagrun_api.client import Client
from tests.browser.conftest import Site, Visit
from tests.browser.form import fill, preview
from tests.browser.scheduling import FIRST, add_runs, in_time, move
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")


def fact(page: Page, name: str) -> str:
    """Return the selector of the value of a fact."""
    return f"dl > div:has(dt:text-is('{name}')) > dd"


async def test_the_line_below_the_name_says_the_schedule(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("30 2 * * *"), full_path="shop/orders.py")
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.locator(".about")).to_have_text("Every day at 02:30, UTC · 30 2 * * * · shop/orders.py")
    await expect(page.get_by_role("link", name="Open in Airflow")).to_have_count(0)
    switch = page.get_by_role("switch", name=f"{dag_id} is active")
    await switch.press("Space")
    await expect(page.locator("#status")).to_have_text(f"{dag_id} is now paused.")


async def test_the_facts_name_the_last_run_and_link_to_it(site: Site, visit: Visit, dag_id: str) -> None:
    start = datetime(2017, 9, 1, 12, tzinfo=UTC)
    await site.airflow.add_dag(dag_id, serialized=serialized(start_date=start.timestamp(), catchup=False))
    await site.airflow.update_dag(dag_id, {"max_active_runs": 16, "next_dagrun_create_after": start, "owners": "shop"})
    ended = start + timedelta(minutes=3, seconds=12)
    await site.airflow.add_run(dag_id, "one_0000001_x", start, start_date=start, end_date=ended)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.locator(fact(page, "Last run (UTC)"))).to_have_text(
        "2017-09-01 12:00:00 success, 3 minutes 12 seconds"
    )
    await expect(page.locator(fact(page, "Next run (UTC)"))).to_contain_text("2017-09-01 12:00:00 (")
    await expect(page.locator(fact(page, "Next run (UTC)"))).to_contain_text("days ago)")
    await expect(page.locator(fact(page, "Active runs"))).to_have_text("0 of 16")
    await expect(page.locator(fact(page, "First date (UTC)"))).to_have_text("2017-09-01 12:00:00")
    await expect(page.locator(fact(page, "Catchup"))).to_have_text("off")
    await page.locator(fact(page, "Last run (UTC)")).get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run one_0000001_x")


async def test_the_facts_count_what_is_missing_and_failed(site: Site, visit: Visit, dag_id: str) -> None:
    first = datetime(2017, 1, 1, 12, tzinfo=UTC)
    await site.airflow.add_dag(dag_id, serialized=serialized(start_date=first.timestamp()))
    await add_runs(site, dag_id, 31, first=first)
    await move(site, dag_id, "failed", "1_")
    page = await visit(f"{site.address}/#/dags/{dag_id}?shown=2017-01-01%2F2017-01-31")
    counted = page.locator(fact(page, "Jan 2017"))
    await expect(counted.get_by_role("button", name="0 missing")).to_be_disabled()
    await counted.get_by_role("button", name="10 failed").click()
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(10)
    await expect(page.locator("td:focus")).to_have_attribute("data-state", "failed")


async def test_the_newest_batches_are_listed_and_move(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    async with Client(site.address) as client:
        for number in range(1, 7):
            date = f"2017-0{number}-01"
            await client.create(dag_id, prefix=f"etl_{number}", start_date=date, end_date=f"2017-0{number}-04")
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    rows = page.get_by_role("table", name="The newest batches of this DAG").locator("tbody").get_by_role("row")
    await expect(rows.get_by_role("link")).to_have_text([f"etl_{number}" for number in (6, 5, 4, 3, 2)])
    await expect(rows.first).to_contain_text("0%")
    await site.airflow.execute("UPDATE dag_run SET state = 'success' WHERE run_id LIKE 'etl_6_0000001%'")
    await page.clock.fast_forward("00:03")
    await expect(rows.first).to_contain_text("25%")
    await expect(page.get_by_role("link", name="All batches of this DAG")).to_be_visible()
    await site.airflow.execute("UPDATE dag_run SET state = 'success' WHERE run_id LIKE 'etl_6_%'")
    await page.clock.fast_forward("00:03")
    await expect(rows.first).to_contain_text("ended")
    await rows.first.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Batch etl_6 of DAG {dag_id}")


async def test_a_new_batch_is_listed_at_once(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.get_by_text("None yet. Runs that you create together are a batch.")).to_be_visible()
    await fill(page, "2017-09-01", "2017-09-03")
    await preview(page)
    await page.get_by_role("button", name="Create 3 runs").click()
    # Not after the next poll.
    link = page.get_by_role("table", name="The newest batches").get_by_role("link", name="etl")
    await expect(link).to_be_visible(timeout=1500)


async def test_the_map_and_the_facts_follow_the_batches(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 30)
    page = await visit(f"{site.address}/#/dags/{dag_id}?shown=2017-09-01%2F2017-09-30&from=2017-09-29&to=2017-10-02")
    await preview(page)
    await expect(page.locator("td[data-planned]")).to_have_count(0)
    cell = page.get_by_role("gridcell", name="Tue 5 Sept 2017: queued")
    await cell.focus()
    await move(site, dag_id, "failed", "05")
    await move(site, dag_id, "running", "06")

    async def holds(milliseconds: float) -> None:
        failed = page.locator(fact(page, "Sept 2017")).get_by_role("button", name="1 failed")
        await expect(failed).to_be_visible(timeout=milliseconds)
        await expect(page.get_by_role("gridcell", name="Tue 5 Sept 2017: failed")).to_be_focused(timeout=milliseconds)
        await expect(page.locator("td[data-state=running]")).to_have_count(1, timeout=milliseconds)

    await in_time(page, holds)
    # The form and its preview stay.
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(2)
    await expect(page.get_by_role("button", name="Create 2 runs")).to_be_visible()


async def test_the_last_run_is_that_of_the_last_date(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 3)
    # The run that was created last is of an earlier date.
    await site.airflow.add_run(dag_id, "late", FIRST - timedelta(days=9), state="failed")
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.locator(fact(page, "Last run (UTC)"))).to_have_text("2017-09-03 12:00:00 queued")
    # And here no tick of the schedule tells the run at the last date.
    await site.airflow.add_run(dag_id, "by_hand", FIRST + timedelta(days=9, hours=1), state="failed")
    await site.airflow.add_run(dag_id, "later", FIRST - timedelta(days=8), state="failed")
    await page.reload()
    await expect(page.locator(fact(page, "Last run (UTC)"))).to_have_text("2017-09-10 13:00:00")


async def test_facts_that_are_read_again_keep_the_focus(site: Site, visit: Visit, dag_id: str) -> None:
    first = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=9)
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 3, first=first)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    missing = page.locator(fact(page, "Last 12 months")).get_by_role("button", name="missing")
    last = page.locator(fact(page, "Last run (UTC)"))
    for item, state in ((missing, "running"), (last.get_by_role("link"), "failed")):
        await item.focus()
        await move(site, dag_id, state, "0_")

        async def follows(wait: float, state: str = state) -> None:
            await expect(last).to_contain_text(state, timeout=wait)

        await in_time(page, follows)
        await expect(item).to_be_focused()


async def test_the_last_run_links_to_the_one_in_its_place(site: Site, visit: Visit, dag_id: str) -> None:
    date = datetime(2017, 9, 1, 12, tzinfo=UTC)
    await site.airflow.add_dag(dag_id)
    await site.airflow.add_run(dag_id, "one_0000001_x", date, state="success")
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    link = page.locator(fact(page, "Last run (UTC)")).get_by_role("link")
    await expect(link).to_have_attribute("href", re.compile("one_0000001_x"))
    await site.airflow.execute("DELETE FROM dag_run WHERE dag_id = ?", [dag_id])
    await site.airflow.add_run(dag_id, "two_0000001_x", date, state="success")
    other = re.compile("two_0000001_x")
    await in_time(page, lambda wait: expect(link).to_have_attribute("href", other, timeout=wait))


async def test_the_page_follows_the_schedule(site: Site, visit: Visit, dag_id: str) -> None:
    today = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    await site.airflow.add_dag(dag_id, serialized=serialized("0 12 * * *"))
    await site.airflow.update_dag(dag_id, {"next_dagrun_create_after": today})
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.locator(fact(page, "Last run (UTC)"))).to_have_text("never")
    # A scheduled run belongs to no batch.
    await site.airflow.add_run(dag_id, f"scheduled__{today}", today - timedelta(days=2), state="failed", external=False)
    await site.airflow.update_dag(dag_id, {"next_dagrun_create_after": today + timedelta(days=1)})
    tomorrow = f"{today + timedelta(days=1):%Y-%m-%d}"
    next_run = page.locator(fact(page, "Next run (UTC)"))
    await in_time(page, lambda wait: expect(next_run).to_contain_text(tomorrow, timeout=wait))
    await expect(page.locator(fact(page, "Last run (UTC)"))).to_contain_text("failed")
    await expect(page.locator(fact(page, "Last 12 months")).get_by_role("button", name="1 failed")).to_be_visible()
    # Another visitor pauses the DAG.
    await site.airflow.update_dag(dag_id, {"is_paused": True})
    await in_time(page, lambda wait: expect(page.get_by_role("switch")).not_to_be_checked(timeout=wait))
    # Overnight, the map moves on by a day.
    name = f"{today + timedelta(days=1):%a %-d %b %Y}".replace("Sep ", "Sept ")
    next_day = page.get_by_role("gridcell", name=name)
    await expect(next_day).to_have_count(0)
    await page.clock.fast_forward("24:00:00")
    await in_time(page, lambda wait: expect(next_day).to_have_count(1, timeout=wait))
    await expect(page.locator("[data-part=title]")).to_have_text("Last 12 months")
