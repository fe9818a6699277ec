"""Creating runs: exactly the previewed runs are created, once."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Site, Visit
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def fill(page: Page, start: str, end: str, prefix: str = "etl_") -> None:
    await page.get_by_label("Start (UTC)").fill(start)
    await page.get_by_label("End (UTC)").fill(end)
    await page.get_by_label("Prefix", exact=True).fill(prefix)


async def preview(page: Page) -> None:
    await page.get_by_role("button", name="Preview", exact=True).click()


async def number_of_runs(site: Site, dag_id: str) -> int:
    return len(await site.airflow.runs_of(dag_id))


async def test_a_preview_shows_each_run_and_writes_nothing(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03T23:59:59")
    await preview(page)
    await expect(page.get_by_role("heading", name="3 runs would be created")).to_be_focused()
    await expect(page.get_by_text("For 2017-09-01 12:00:00 to 2017-09-03 12:00:00 UTC")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="etl_0000001_2017-09-01T12:00:00")
    await expect(row.get_by_role("cell")).to_have_text(
        ["2017-09-01 12:00:00", "2017-09-01 12:00:00", "2017-09-02 12:00:00", "2017-09-02 12:00:00"]
    )
    assert await number_of_runs(site, dag_id) == 0


async def test_the_previewed_runs_are_created_and_followed(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    await page.get_by_label("Conf").fill('{"why": 12345678901234567}')
    await preview(page)
    async with page.expect_request("**/dag_runs") as request:
        await page.get_by_role("button", name="Create 3 runs").click()
    # A number in JavaScript would have lost its last digit.
    assert json.loads((await request.value).post_data or "")["conf"] == '{"why": 12345678901234567}'
    await expect(page.get_by_role("heading", name="3 runs created")).to_be_focused()
    await expect(page.locator("dl")).to_contain_text("2017-09-03 12:00:00")
    await page.get_by_role("link", name="Follow the batch etl").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Batch etl of DAG {dag_id}")
    await expect(page.get_by_text("0 of 3 runs ended")).to_be_visible()


async def test_a_change_of_the_form_removes_the_create_button(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    for label, value in {"Start (UTC)": "2017-08-31", "Limit": "400", "Conf": "{}", "Prefix": "other_"}.items():
        await fill(page, "2017-09-01", "2017-09-03")
        await preview(page)
        await expect(page.get_by_role("button", name="Create")).to_be_visible()
        await page.get_by_label(label, exact=True).fill(value)
        await expect(page.get_by_role("button", name="Create")).to_have_count(0)
    await preview(page)
    await page.get_by_role("button", name="Create").wait_for()
    await page.get_by_label("Partial").check()
    await expect(page.get_by_role("button", name="Create")).to_have_count(0)


async def test_skipped_dates_and_warnings_are_shown(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, is_paused=True)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-02")
    await preview(page)
    await page.get_by_role("button", name="Create 2 runs").click()
    await page.get_by_role("heading", name="2 runs created").wait_for()
    await fill(page, "2017-09-01", "2017-09-03", "more_")
    await preview(page)
    await expect(page.get_by_role("heading", name="1 run would be created")).to_be_visible()
    await page.get_by_text("2 dates already have a run and are skipped").click()
    await expect(page.get_by_text("etl_0000002_2017-09-02T12:00:00")).to_be_visible()
    await expect(page.get_by_role("list", name="Warnings")).to_contain_text("paused")
    await fill(page, "2017-09-01", "2017-09-02")
    await preview(page)
    await expect(page.get_by_role("heading", name="Nothing would be created")).to_be_visible()
    await expect(page.get_by_role("button", name="Create")).to_have_count(0)


async def test_a_refusal_is_shown_below_the_form(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    for label, wrong, right, sentence in (
        ("Prefix", "backfill_", "etl_", 'Prefix cannot contain the word "backfill"'),
        ("Limit", "501", "5", "Limit cannot exceed 500"),
        ("Conf", '{"a": 1, "a": 2}', '{"a": 1}', "conf"),
        ("Start (UTC)", "yesterday", "2017-09-01", "'yesterday'"),
    ):
        field = page.get_by_label(label, exact=True)
        await field.fill(wrong)
        await preview(page)
        await expect(page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
        await field.fill(right)
    await preview(page)
    await expect(page.get_by_role("heading", name="3 runs would be created")).to_be_visible()


async def test_a_large_window_is_created_in_portions(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("0 * * * *"))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-29")
    await preview(page)
    await expect(page.get_by_role("alert").filter(has_text="more than 500 runs")).to_be_visible()
    await page.get_by_role("button", name="Preview the earliest 500").click()
    await expect(page.get_by_text("The window has more runs than the limit.")).to_be_visible()
    await expect(page.get_by_label("Partial")).to_be_checked()
    await page.get_by_role("button", name="Create 500 runs").click()
    await page.get_by_role("button", name="Preview the next 500").click()
    await page.get_by_role("button", name="Create 196 runs").click()
    await expect(page.get_by_role("heading", name="196 runs created")).to_be_visible()
    await expect(page.get_by_role("button", name="Preview the next")).to_have_count(0)
    assert await number_of_runs(site, dag_id) == 29 * 24


async def test_a_batch_without_a_name_gets_one_of_its_own(site: Site, visit: Visit, dag_id: str) -> None:
    for name, expected in ((dag_id, dag_id), (f"{dag_id}_BackFill", "batch"), ("x" * 200, "batch")):
        await site.airflow.add_dag(name)
        before = datetime.now(UTC)
        page = await visit(f"{site.address}/#/dags/{name}")
        await page.get_by_role("button", name="Preview", exact=True).wait_for()
        names = {f"{expected}-{at:%Y%m%d-%H%M}" for at in (before, datetime.now(UTC))}
        assert await page.get_by_label("Prefix", exact=True).input_value() in names
        await page.get_by_role("button", name="Preview", exact=True).click()
        await page.get_by_role("button", name="Create 1 run").wait_for()


async def test_a_double_click_creates_once(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(None))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    posted: list[dict[str, str]] = []
    page.on("request", lambda request: posted.append(json.loads(request.post_data or "{}")))
    await preview(page)
    await page.get_by_role("button", name="Create 1 run").dblclick()
    await expect(page.get_by_role("heading", name="1 run created")).to_be_visible()
    (created,) = [body for body in posted if "prefix" in body and "dry_run" not in body]
    # A run at this moment is pinned to the moment shown, so that the request can be sent again.
    (row,) = await site.airflow.runs_of(dag_id)
    assert created["start_date"] == created["end_date"] == row["execution_date"].replace(" ", "T")


async def test_after_a_lost_answer_the_request_can_be_sent_again(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    await preview(page)

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await page.route("**/dag_runs", lose)
    await page.get_by_role("button", name="Create 3 runs").click()
    await expect(page.get_by_role("heading", name="The runs may or may not have been created")).to_be_focused()
    await expect(page.get_by_text("It is safe to send again")).to_be_visible()
    await page.unroute("**/dag_runs")
    await page.get_by_role("button", name="Send again").click()
    await expect(page.get_by_role("heading", name="0 runs created")).to_be_visible()
    await expect(page.get_by_text("3 dates already have a run")).to_be_visible()
    await expect(page.get_by_role("link", name="Follow the batch etl")).to_be_visible()
    assert await number_of_runs(site, dag_id) == 3
