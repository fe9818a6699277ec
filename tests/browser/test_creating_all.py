"""A range with more runs than one request takes: all of them are created, in portions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import fill, preview, recorded
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")

RUNS = 65 * 24
"""An hourly DAG needs so many from 1 September to 4 November."""


async def previewed(site: Site, visit: Visit, dag_id: str, name: str = "etl") -> Page:
    """Open the page of an hourly DAG, and preview a range of four portions."""
    await site.airflow.add_dag(dag_id, serialized=serialized("0 * * * *"))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-11-04", name)
    await preview(page)
    await expect(page.get_by_role("heading", name="More than 500 runs would be created")).to_be_focused()
    await expect(page.get_by_text("The first 500 are for 1 to 21 September 2017.")).to_be_visible()
    return page


def at_portion(number: int, act: Callable[[Route], Awaitable[None]]) -> Callable[[Route], Awaitable[None]]:
    """Return a handler that does something else with the request of one portion."""
    seen = 0

    async def handle(route: Route) -> None:
        nonlocal seen
        seen += 1
        await (act(route) if seen == number else route.continue_())

    return handle


async def created(site: Site, dag_id: str) -> int:
    return len(await site.airflow.runs_of(dag_id))


async def test_all_runs_of_a_large_range_are_created(native_site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(native_site, visit, dag_id)
    bodies = recorded(page)
    await page.get_by_role("button", name="Create all").click()
    await expect(page.get_by_role("heading", name=f"{RUNS:,} runs created")).to_be_visible()
    assert [body["start_date"] for body in bodies] == [
        "2017-09-01",
        "2017-09-21T19:00:00",
        "2017-10-12T15:00:00",
        "2017-11-02T11:00:00",
    ]
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_visible()
    assert "creating" not in page.url
    assert await created(native_site, dag_id) == RUNS
    ((backfills,),) = await native_site.airflow.execute("SELECT count(*) FROM backfill WHERE dag_id = ?", [dag_id])
    assert backfills == 1


async def test_only_the_first_portion_can_be_created(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)
    await page.get_by_role("button", name="Create the first 500 only").click()
    await expect(page.get_by_role("heading", name="500 runs created")).to_be_visible()
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_focused()
    await expect(page.get_by_text("The range has more runs.")).to_be_visible()
    await page.get_by_role("button", name="Preview the next 500").click()
    await expect(page.get_by_text("The first 500 are for 21 September to 12 October 2017.")).to_be_visible()
    assert await created(site, dag_id) == 500


async def test_creating_all_is_stopped_and_continued(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)

    async def stop(route: Route) -> None:
        await expect(page.get_by_text("500 runs created, up to 21 September 2017.")).to_be_visible()
        assert 0 < float(await page.get_by_role("progressbar").get_attribute("value") or 0) < 1
        await page.get_by_role("button", name="Stop").click()
        await expect(page.get_by_text("Stopping after this portion")).to_be_visible()
        await route.continue_()

    await page.route("**/dag_runs", at_portion(2, stop))
    await page.get_by_role("button", name="Create all").click()
    await expect(page.get_by_role("heading", name="Stopped: 1,000 runs created")).to_be_focused()
    assert await created(site, dag_id) == 1000
    await page.get_by_role("button", name="Continue").click()
    await expect(page.get_by_role("heading", name=f"{RUNS:,} runs created")).to_be_visible()
    assert await created(site, dag_id) == RUNS


async def test_creating_all_continues_after_a_failure(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await page.route("**/dag_runs", at_portion(2, lose))
    await page.get_by_role("button", name="Create all").click()
    await expect(page.get_by_role("heading", name="Not all runs are created: 500 so far")).to_be_focused()
    await expect(
        page.get_by_role("alert").filter(has_text="The last 500 may have been created as well")
    ).to_be_visible()
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_visible()
    await page.get_by_role("button", name="Continue").click()
    # The answer that was lost had the number of the others.
    await expect(page.get_by_role("heading", name=f"At least {RUNS - 500:,} runs created")).to_be_visible()
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_focused()
    assert await created(site, dag_id) == RUNS


async def test_a_reload_leads_to_the_rest_of_the_same_batch(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)
    default = await page.get_by_label("Name", exact=True).input_value()

    async def reload(route: Route) -> None:
        await route.abort()
        await page.evaluate("location.reload()")

    await page.route("**/dag_runs", at_portion(3, reload))
    await page.get_by_role("button", name="Create all").click()
    await expect(page.get_by_role("heading", name="Some runs of this range may not exist yet")).to_be_focused()
    assert await created(site, dag_id) == 1000
    await expect(page.get_by_label("Name", exact=True)).to_have_value(default)
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Create all").click()
    await expect(page.get_by_role("heading", name=f"{RUNS - 1000} runs created")).to_be_visible()
    assert {run["run_id"].split("_")[0] for run in await site.airflow.runs_of(dag_id)} == {"etl"}
    assert await created(site, dag_id) == RUNS


async def test_leaving_the_page_ends_it_after_a_portion(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)
    answered = asyncio.Event()

    async def leave(route: Route) -> None:
        await page.get_by_role("link", name="Home").click()
        await page.get_by_label("Search").wait_for()
        await route.fulfill(response=await route.fetch())
        answered.set()

    await page.route("**/dag_runs", at_portion(2, leave))
    await page.get_by_role("button", name="Create all").click()
    await answered.wait()
    await page.go_back()
    await expect(page.get_by_role("heading", name="Some runs of this range may not exist yet")).to_be_focused()
    assert await created(site, dag_id) == 1000


async def test_the_form_and_the_progress_stay_meanwhile(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)
    day = page.get_by_role("gridcell", name="Mon 25 Sept 2017")

    async def point(route: Route) -> None:
        await day.click()
        await expect(day).to_have_attribute("aria-selected", "true")
        await expect(page.locator(".map [aria-selected=true]")).to_have_count(30)
        await expect(page.get_by_label("From", exact=True)).to_have_value("2017-09-01")
        await expect(page.get_by_role("button", name="Stop")).to_be_visible()
        await route.continue_()

    await page.route("**/dag_runs", at_portion(2, point))
    await page.get_by_role("button", name="Create all").click()
    await expect(page.get_by_role("heading", name=f"{RUNS:,} runs created")).to_be_visible()
    assert "from=2017-09-01&to=2017-11-04" in page.url


async def test_another_range_forgets_what_was_left(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)

    async def stop(route: Route) -> None:
        await page.get_by_role("button", name="Stop").click()
        await route.continue_()

    await page.route("**/dag_runs", at_portion(2, stop))
    await page.get_by_role("button", name="Create all").click()
    await page.get_by_role("heading", name="Stopped: 1,000 runs created").wait_for()
    assert "creating=all" in page.url
    await fill(page, "2017-11-03", "2017-11-04")
    await page.reload()
    await expect(page.get_by_label("From", exact=True)).to_have_value("2017-11-03")
    await expect(page.get_by_role("heading", name="Not all runs")).to_have_count(0)


async def test_creating_the_last_ones_leaves_nothing(site: Site, visit: Visit, dag_id: str) -> None:
    page = await previewed(site, visit, dag_id)
    await page.route("**/dag_runs", at_portion(4, lambda route: route.abort()))
    await page.get_by_role("button", name="Create all").click()
    await page.get_by_role("heading", name="Not all runs are created: 1,500 so far").wait_for()
    await preview(page)
    await page.get_by_role("button", name=f"Create {RUNS - 1500} runs").click()
    await page.get_by_role("heading", name=f"{RUNS - 1500} runs created").wait_for()
    await page.reload()
    await expect(page.get_by_label("From", exact=True)).to_have_value("2017-09-01")
    await expect(page.get_by_role("heading", name="Not all runs")).to_have_count(0)
