"""The page while the database, the service or the network is away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import choose_now, preview
from tests.browser.scheduling import add_runs, in_time, move
from tests.databases.worlds import SQLiteWorld
from tests.service.process import ServiceProcess

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_shown_data_stays_while_the_database_is_away(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await site.airflow.add_run(
        dag_id, "b_0000001_2017-09-01T12:00:00", datetime(2017, 9, 1, 12, tzinfo=UTC), state="queued"
    )
    page = await visit(f"{site.address}/#/batches/b?dag_id={dag_id}")
    await expect(page.get_by_role("row").filter(has_text="b_0000001")).to_be_visible()
    banner = page.get_by_role("alert").filter(has_text="The data shown may be out of date")
    with closing(sqlite3.connect(site.airflow.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        await page.clock.fast_forward("00:02")
        await expect(banner).to_contain_text("locked")
        # The service says so in Retry-After.
        await expect(banner).to_contain_text("Retrying in 1 s.")
        await expect(page.get_by_text("0 of 1 run ended")).to_be_visible()
        await expect(page.get_by_role("row").filter(has_text="b_0000001")).to_be_visible()
        async with page.expect_response(lambda answer: answer.status == 503):
            await page.clock.fast_forward("00:01")
    # Without a click.
    await page.clock.fast_forward("00:02")
    await expect(banner).to_have_count(0)
    await expect(page.locator("#status")).to_have_text("The service is available again.")
    await site.airflow.execute("UPDATE dag_run SET state = 'success' WHERE dag_id = ?", [dag_id])
    await page.clock.fast_forward("00:02")
    await expect(page.get_by_text("The run has ended: 1 succeeded.")).to_be_visible()


async def test_a_failed_write_is_shown_and_not_repeated(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await choose_now(page)
    await preview(page)
    await page.get_by_role("button", name="Create 1 run").wait_for()
    with closing(sqlite3.connect(site.airflow.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        await page.get_by_role("button", name="Create 1 run").click()
        await expect(page.get_by_role("alert").filter(has_text="locked")).to_be_visible()
        await page.get_by_role("switch").click()
        await expect(page.get_by_role("alert").filter(has_text="locked")).to_have_count(2)
        await expect(page.get_by_role("switch")).to_be_checked()
    await page.get_by_role("button", name="Send again").click()
    await expect(page.get_by_role("heading", name="1 run created")).to_be_visible()
    await page.get_by_role("switch").click()
    await expect(page.get_by_role("switch")).not_to_be_checked()
    await expect(page.get_by_role("alert").filter(has_text="locked")).to_have_count(0)


async def test_the_page_waits_for_a_stopped_service(tmp_path: Path, visit: Visit) -> None:
    async with SQLiteWorld.open("2.11.2", tmp_path) as airflow:
        await airflow.add_dag("a")
        async with ServiceProcess.start(tmp_path, "--database", airflow.url) as service:
            page = await visit(f"{service.address}/#/dags/a")
            await page.get_by_role("button", name="Preview").wait_for()
        await page.get_by_role("link", name="Home", exact=True).click()
        banner = page.get_by_role("alert").filter(has_text="The service cannot be reached.")
        await expect(banner).to_be_visible()
        # The retries become less frequent.
        for seconds in (4, 8, 16, 30):
            await page.clock.fast_forward("00:30")
            await expect(banner).to_contain_text(f"Retrying in {seconds} s.")
        async with ServiceProcess.start(tmp_path, "--database", airflow.url, port=service.port):
            await page.get_by_role("button", name="Retry now").click()
            await expect(page.get_by_role("link", name="a", exact=True)).to_be_visible()
            await expect(banner).to_have_count(0)


async def test_leaving_the_page_removes_the_banner(site: Site, visit: Visit) -> None:
    page = await visit(f"{site.address}/#/nowhere")
    await page.context.set_offline(True)
    await page.get_by_role("link", name="Home", exact=True).click()
    await expect(page.get_by_role("button", name="Retry now")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_role("button", name="Retry now")).to_have_count(0)
    await page.context.set_offline(False)


async def test_an_error_page_of_a_proxy_is_not_taken_for_an_answer(site: Site, visit: Visit) -> None:
    await site.airflow.add_dag("a")
    page = await visit(f"{site.address}/#/nowhere")

    async def stand_before(route: Route) -> None:
        await route.fulfill(status=504, content_type="text/html", body="<h1>Gateway Timeout</h1>")

    await page.route("**/api/v1/dags", stand_before)
    await page.get_by_role("link", name="Home", exact=True).click()
    banner = page.get_by_role("alert").filter(has_text="A proxy answered instead of the service")
    await expect(banner).to_contain_text("504")
    await page.unroute("**/api/v1/dags")
    # Longer than any pause between two tries.
    await page.clock.fast_forward("00:40")
    await expect(page.get_by_label("Search")).to_be_visible()
    await expect(banner).to_have_count(0)


async def test_one_click_retries_all_that_waits(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 12)
    page = await visit(f"{site.address}/#/nowhere")
    banner = page.get_by_role("alert").filter(has_text="The service cannot be reached.")
    away: list[str] = []

    async def lose(route: Route) -> None:
        away.append(route.request.url)
        await route.abort()

    await page.route("**/api/v1/dag*/**", lose)
    await page.route("**/api/v1/dag_runs?*", lose)
    await page.goto(f"{site.address}/#/dags/{dag_id}")
    await expect(banner).to_contain_text("Retrying in 2 s.")
    button = page.get_by_role("button", name="Retry now")
    for seconds in (4, 8):
        await button.press("Enter")
        await expect(banner).to_contain_text(f"Retrying in {seconds} s.")
        await expect(button).to_be_focused()
    assert len(away) == 6
    await page.unroute_all()
    await button.press("Enter")
    await expect(banner).to_have_count(0)
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def test_a_failed_read_of_runs_is_repeated(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 12)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    table = page.get_by_role("table", name="Runs of the batch")
    await expect(table.get_by_text("queued")).to_have_count(12)
    await page.clock.fast_forward("00:30")

    async def refuse(route: Route) -> None:
        await route.fulfill(status=500, body="an error")

    await page.route("**/dag_runs?*", refuse)
    await move(site, dag_id, "success", "%")
    await page.clock.fast_forward("00:03")
    message = page.get_by_role("alert").filter(has_text="status 500")
    await expect(message).to_be_visible()
    await expect(page.get_by_text("All 12 runs have ended")).to_be_visible()
    await page.unroute_all()
    await in_time(page, lambda wait: expect(table.get_by_text("success")).to_have_count(12, timeout=wait))
    await expect(message).to_have_count(0)


async def test_a_throttled_request_is_sent_again(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/nowhere")

    async def refuse(route: Route) -> None:
        await route.fulfill(status=429, headers={"Retry-After": "7"}, body="too many requests")

    await page.route("**/api/v1/dags/*", refuse)
    await page.goto(f"{site.address}/#/dags/{dag_id}")
    await expect(page.get_by_role("alert").filter(has_text="Retrying in 7 s.")).to_be_visible()
    await page.unroute_all()
    await page.clock.fast_forward("00:07")
    await expect(page.get_by_role("button", name="Preview", exact=True)).to_be_visible()


async def test_a_retry_of_the_view_keeps_the_focus(site: Site, visit: Visit, dag_id: str) -> None:
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    retry = page.get_by_role("button", name="Retry")
    await retry.wait_for()
    await site.airflow.add_dag(dag_id)
    await retry.press("Enter")
    await expect(page.get_by_role("button", name="Preview", exact=True)).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
