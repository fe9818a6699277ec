"""Creating runs: exactly the previewed runs are created, once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import choose_now, enter, fill, preview, recorded
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_preview_shows_each_run_and_writes_nothing(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    await preview(page)
    await expect(page.get_by_role("heading", name="3 runs would be created")).to_be_focused()
    await expect(page.get_by_text("1 to 3 September 2017.")).to_be_visible()
    await page.get_by_text("Show the 3 runs").click()
    row = page.get_by_role("row").filter(has_text="etl_0000001_2017-09-01T12:00:00")
    await expect(row.get_by_role("cell")).to_have_text(
        ["2017-09-01 12:00:00", "2017-09-01 12:00:00", "2017-09-02 12:00:00", "2017-09-02 12:00:00"]
    )
    assert await site.airflow.runs_of(dag_id) == []


async def test_the_previewed_runs_are_created_and_watched(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    bodies = recorded(page)
    await fill(page, "2017-09-01", "2017-09-03")
    await enter(page, "Conf", '{"why": 12345678901234567}')
    # Enter does the same as the button.
    await page.get_by_label("Name", exact=True).press("Enter")
    await page.get_by_role("button", name="Create 3 runs").click()
    await expect(page.get_by_role("heading", name="3 runs created")).to_be_visible()
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_focused()
    planned, created = bodies
    assert planned == {**created, "dry_run": True}
    # A number in JavaScript would have lost its last digit.
    assert created["conf"] == '{"why": 12345678901234567}'
    await expect(page.locator("dl")).to_contain_text("2017-09-03 12:00:00")
    await page.get_by_role("link", name="Watch the batch").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Batch etl of DAG {dag_id}")
    await expect(page.get_by_text("0 of 3 runs ended")).to_be_visible()


async def test_a_change_of_the_form_removes_the_create_button(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    for label, value in {"From": "2017-08-31", "To (included)": "2017-09-02", "Conf": "{}", "Name": "other"}.items():
        await fill(page, "2017-09-01", "2017-09-03")
        await preview(page)
        await expect(page.get_by_role("button", name="Create")).to_be_visible()
        await enter(page, label, value)
        await expect(page.get_by_role("button", name="Create")).to_have_count(0)
    await preview(page)
    await page.get_by_role("button", name="Create").wait_for()
    await page.get_by_label("Exact times").check()
    await expect(page.get_by_role("button", name="Create")).to_have_count(0)


async def test_skipped_dates_and_warnings_are_shown(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, is_paused=True)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-02")
    await preview(page)
    await page.get_by_role("button", name="Create 2 runs").click()
    await page.get_by_role("heading", name="2 runs created").wait_for()
    await fill(page, "2017-09-01", "2017-09-03", "more")
    await preview(page)
    await expect(page.get_by_role("heading", name="1 run would be created")).to_be_visible()
    await expect(page.get_by_text("3 September 2017, 12:00:00 UTC. 2 dates already have a run.")).to_be_visible()
    await page.get_by_text("Show the runs that exist").click()
    await expect(page.get_by_role("listitem").filter(has_text="etl_0000002_2017-09-02T12:00:00")).to_be_visible()
    await expect(page.get_by_role("list", name="Warnings")).to_contain_text(f"The DAG {dag_id} is paused")
    await fill(page, "2017-09-01", "2017-09-02")
    await preview(page)
    await expect(page.get_by_role("heading", name="Nothing would be created")).to_be_visible()
    await expect(page.get_by_text("2 dates already have a run. Dates with a run are skipped.")).to_be_visible()
    await expect(page.get_by_role("button", name="Create")).to_have_count(0)


async def test_a_batch_without_a_name_gets_one_of_its_own(site: Site, visit: Visit, dag_id: str) -> None:
    for name, expected in ((dag_id, dag_id), (f"{dag_id}_BackFill", "batch"), ("x" * 200, "batch")):
        await site.airflow.add_dag(name)
        before = datetime.now(UTC)
        page = await visit(f"{site.address}/#/dags/{name}")
        await page.get_by_role("button", name="Preview", exact=True).wait_for()
        names = {f"{expected}-{at:%Y%m%d-%H%M}" for at in (before, datetime.now(UTC))}
        assert await page.get_by_label("Name", exact=True).input_value() in names
        await choose_now(page)
        await preview(page)
        await page.get_by_role("button", name="Create 1 run").wait_for()


async def test_the_next_runs_are_another_batch(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await choose_now(page)
    await preview(page)
    await page.get_by_role("button", name="Create 1 run").wait_for()
    first = await page.get_by_label("Name", exact=True).input_value()
    await page.clock.fast_forward("01:00")
    await page.get_by_role("button", name="Create 1 run").click()
    batch = re.compile(re.escape(f"/batches/{first}?"))
    await expect(page.get_by_role("link", name="Watch the batch")).to_have_attribute("href", batch)
    assert await page.get_by_label("Name", exact=True).input_value() != first


async def test_a_double_click_creates_once(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(None))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    bodies = recorded(page)
    await preview(page)
    await page.get_by_role("button", name="Create 1 run").dblclick()
    await expect(page.get_by_role("heading", name="1 run created")).to_be_visible()
    (created,) = [body for body in bodies if "dry_run" not in body]
    # A run at this moment is pinned to the moment shown, so that the request can be sent again.
    (row,) = await site.airflow.runs_of(dag_id)
    assert created["start_date"] == created["end_date"] == row["execution_date"].replace(" ", "T")


async def test_a_run_at_a_given_time_needs_no_schedule(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(None))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.get_by_text("A range of dates")).to_be_hidden()
    await page.get_by_text("One run at a given time").click()
    await preview(page)
    await expect(page.get_by_text("Enter a day.")).to_be_visible()
    await page.get_by_label("Date", exact=True).fill("2017-09-01")
    await page.get_by_label("From time (UTC)").fill("10:20")
    await preview(page)
    await expect(page.get_by_text("1 September 2017, 10:20:00 UTC.")).to_be_visible()
    await page.get_by_role("button", name="Create 1 run").click()
    await page.get_by_role("heading", name="1 run created").wait_for()
    (row,) = await site.airflow.runs_of(dag_id)
    assert row["execution_date"].startswith("2017-09-01 10:20:00")


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
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_visible()
    assert len(await site.airflow.runs_of(dag_id)) == 3


async def test_a_refused_creation_keeps_the_focus(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    await preview(page)
    create = page.get_by_role("button", name="Create 3 runs")
    await create.wait_for()

    async def refuse(route: Route) -> None:
        await route.fulfill(status=403, json={"response": {"error": "The token does not allow this DAG."}})

    await page.route("**/dag_runs", refuse)
    await create.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="does not allow")).to_be_visible()
    await expect(page.locator(".outcome")).to_be_focused()
