"""The map of a DAG's schedule, and the facts beside it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit
from tests.browser.scheduling import add_runs, move
from tests.browser.test_accessibility import AXE, CONTRAST, GUIDELINES
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")


def days_ago(number: int) -> datetime:
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=number)


async def filled(site: Site, dag_id: str) -> None:
    """Add a DAG with a run on most of the last days, in several states."""
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 90, first=days_ago(100))
    for state, numbers in (("success", "%"), ("failed", "3_"), ("running", "88")):
        await move(site, dag_id, state, numbers)


async def opened(page: Page) -> None:
    await expect(page.locator("[data-part=map]")).not_to_have_attribute("aria-busy", "true")
    await expect(page.get_by_role("button", name="missing")).to_be_visible()


def cell(page: Page, days: int) -> Locator:
    """Return the cell of a day that is so many days ago."""
    date = f"{days_ago(days):%a %-d %b %Y}:".replace("Sep ", "Sept ")
    return page.get_by_role("gridcell", name=date)


async def test_the_facts_say_the_schedule_in_words(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("30 2 * * 1-5"))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.locator("dl")).to_contain_text("Monday to Friday at 02:30 (30 2 * * 1-5)")
    await expect(page.locator("dl")).to_contain_text("UTC")


async def test_the_map_has_a_cell_for_each_date_of_the_year(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await expect(page.locator("td[aria-selected]")).to_have_count(365)
    for text in ("10 failed", "1 running", "79 success"):
        await expect(page.get_by_role("button", name=text, exact=True)).to_be_enabled()
    failed = cell(page, 70)
    await expect(failed).to_have_accessible_name(re.compile(": failed$"))
    await expect(failed).to_have_attribute("data-state", "failed")
    await failed.hover()
    await expect(page.locator(".pointed").get_by_role("link")).to_contain_text("etl_0000031")


async def test_the_keyboard_selects_dates_for_the_form(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await page.locator("td[tabindex='0']").focus()
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Shift+ArrowLeft")
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(9)
    await expect(page.get_by_label("Start (UTC)")).to_have_value(f"{days_ago(8):%Y-%m-%d}")
    await expect(page.get_by_label("End (UTC)")).to_have_value(f"{days_ago(0):%Y-%m-%d}")
    await page.keyboard.press("Home")
    await expect(page.locator("td[tabindex='0']")).to_be_focused()
    await expect(page.locator("td[tabindex='0']")).to_have_attribute("data-state", "missing")


async def test_dragging_selects_dates_and_enter_opens_a_run(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await cell(page, 100).hover()
    await page.mouse.down()
    await cell(page, 90).hover()
    await page.mouse.up()
    await expect(page.get_by_label("Start (UTC)")).to_have_value(f"{days_ago(100):%Y-%m-%d}")
    await expect(page.get_by_label("End (UTC)")).to_have_value(f"{days_ago(90):%Y-%m-%d}")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run etl_0000001")


async def test_the_map_reads_again_after_runs_were_created(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await expect(page.get_by_role("button", name="0 queued", exact=True)).to_be_disabled()
    await page.get_by_label("Start (UTC)").fill(f"{days_ago(9):%Y-%m-%d}")
    await page.get_by_label("End (UTC)").fill(f"{days_ago(8):%Y-%m-%d}")
    await page.get_by_role("button", name="Preview", exact=True).click()
    await page.get_by_role("button", name="Create 2 runs").click()
    await expect(page.get_by_role("button", name="2 queued", exact=True)).to_be_enabled()


async def test_a_number_selects_its_dates(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await page.get_by_role("button", name="10 failed", exact=True).click()
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(10)
    await expect(page.locator(".pointed").get_by_role("link")).to_have_count(10)


async def test_other_years_can_be_shown(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    year = datetime.now(UTC).year - 1
    await page.get_by_role("button", name=f"‹ {year}").click()
    await expect(page.locator("[data-part=title]")).to_have_text(str(year))
    await expect(
        page.get_by_role("gridcell", name=f"{datetime(year, 1, 1, tzinfo=UTC):%a} 1 Jan {year}")
    ).to_be_visible()
    await page.get_by_role("button", name="Last 12 months").click()
    await expect(page.get_by_role("button", name="10 failed", exact=True)).to_be_enabled()


async def test_thousands_of_dates_are_drawn_without_a_long_task(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("0 */3 * * *"))
    page = await visit(site.address)
    await page.evaluate(
        "window.longest = 0; new PerformanceObserver((list) => { "
        "for (const task of list.getEntries()) longest = Math.max(longest, task.duration); })"
        ".observe({type: 'longtask'})"
    )
    await page.goto(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await expect(page.get_by_role("button", name=re.compile(r"^2,9\d\d missing"))).to_be_visible()
    await expect(page.locator("[data-part=title]")).to_have_text("Last 12 months")
    assert await page.evaluate("longest") < 200


@pytest.mark.parametrize(("cron", "title", "cells"), [("0 * * * *", "Last 31 days", 31), ("* * * * *", "Today", 24)])
async def test_a_dense_schedule_shows_a_shorter_period(
    site: Site, visit: Visit, dag_id: str, cron: str, title: str, cells: int
) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(cron))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await expect(page.locator("[data-part=title]")).to_have_text(title)
    await expect(page.locator("td[aria-selected]")).to_have_count(cells)


async def test_a_dag_without_a_schedule_says_why_it_has_no_map(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(None))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.get_by_text("The DAG has no schedule: its runs are only ever triggered.")).to_be_visible()
    await expect(page.get_by_role("grid")).to_have_count(0)


@pytest.mark.parametrize(("dark", "rules"), [(False, GUIDELINES), (True, CONTRAST)], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
async def test_axe_finds_no_violations(
    site: Site, visit: Visit, dag_id: str, dark: bool, rules: list[str], width: int
) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}", dark=dark, width=width)
    await opened(page)
    await page.get_by_role("button", name="10 failed", exact=True).click()
    await page.evaluate(AXE)
    result = await page.evaluate("rules => axe.run({runOnly: rules})", rules)
    assert [each["id"] + str(each["nodes"][0]) for each in result["violations"]] == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width
