"""The map of a DAG's schedule."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.axe import IN_BOTH_SCHEMES, violations
from tests.browser.conftest import Site, Visit
from tests.browser.form import fill, preview, recorded
from tests.browser.scheduling import add_runs, in_time, move
from tests.browser.tracing import LONGEST, traced
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
    await expect(legend(page, "missing")).to_be_visible()


def legend(page: Page, text: str) -> Locator:
    """Return the button of the legend with this text, such as "failed 10"."""
    return page.get_by_role("list", name="Dates in each state").get_by_role("button", name=text)


async def expect_range(page: Page, first: int, last: int) -> None:
    """Expect a range in the form, from so many days ago to so many days ago."""
    await expect(page.get_by_label("From", exact=True)).to_have_value(f"{days_ago(first):%Y-%m-%d}")
    await expect(page.get_by_label("To (included)")).to_have_value(f"{days_ago(last):%Y-%m-%d}")


def cell(page: Page, days: int) -> Locator:
    """Return the cell of a day that is so many days ago."""
    date = f"{days_ago(days):%a %-d %b %Y}:".replace("Sep ", "Sept ")
    return page.get_by_role("gridcell", name=date)


async def test_the_facts_say_the_schedule_in_words(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("30 2 * * 1-5"))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await expect(page.locator(".about")).to_contain_text("Monday to Friday at 02:30, UTC · 30 2 * * 1-5")


async def test_the_map_has_a_cell_for_each_date_of_the_year(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await expect(page.locator("td[aria-selected]")).to_have_count(365)
    for text in ("failed 10", "running 1", "success 79"):
        await expect(legend(page, text)).to_be_enabled()
    failed = cell(page, 70)
    await expect(failed).to_have_accessible_name(re.compile(": failed$"))
    await expect(failed).to_have_attribute("data-state", "failed")
    await failed.hover()
    await expect(page.locator(".pointed").get_by_role("link")).to_contain_text("etl_0000031")


async def test_the_line_below_tells_the_latest_date(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("0 0 * * *", start_date=days_ago(9).timestamp()))
    today = days_ago(0).replace(hour=0)
    run_id = f"etl_0000001_{today:%Y-%m-%dT%H:%M:%S}"
    await site.airflow.add_run(dag_id, run_id, today, state="running")
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    line = page.locator(".schedule .pointed")
    await expect(line).to_contain_text(f"{today:%a %-d %b %Y}".replace("Sep ", "Sept "))
    await expect(line).to_contain_text("running")
    await expect(line.get_by_role("link")).to_have_text(run_id)
    await site.airflow.execute("UPDATE dag_run SET state = 'failed' WHERE run_id = ?", [run_id])
    await in_time(page, lambda patience: expect(line).to_contain_text("failed", timeout=patience))


async def test_the_keyboard_selects_dates_for_the_form(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await page.locator("td[tabindex='0']").focus()
    await page.keyboard.press("Shift+ArrowUp")
    await page.keyboard.press("Shift+ArrowLeft")
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(9)
    await expect_range(page, 8, 0)
    await page.keyboard.press("Home")
    await expect(page.locator("td[tabindex='0']")).to_be_focused()
    await expect(page.locator("td[tabindex='0']")).to_have_attribute("data-state", "missing")
    # Alt and an arrow lead back and forth in the history.
    await page.keyboard.press("Alt+ArrowRight")
    await expect(cell(page, 364)).to_be_focused()


async def test_dragging_selects_dates_and_enter_opens_a_run(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await cell(page, 100).hover()
    await page.mouse.down()
    await cell(page, 90).hover()
    await page.mouse.up()
    await expect_range(page, 100, 90)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run etl_0000001")


async def test_the_map_reads_again_after_runs_were_created(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await expect(legend(page, "queued 0")).to_be_disabled()
    await fill(page, f"{days_ago(9):%Y-%m-%d}", f"{days_ago(8):%Y-%m-%d}")
    await preview(page)
    await page.get_by_role("button", name="Create 2 runs").click()
    await expect(legend(page, "queued 2")).to_be_enabled()


async def test_a_number_selects_its_dates(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await legend(page, "failed 10").click()
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(10)
    await expect(page.locator(".pointed").get_by_role("link")).to_have_count(10)
    # Pointing at another date shows that one for as long.
    await cell(page, 50).hover()
    await expect(page.locator(".pointed").get_by_role("link")).to_have_count(1)
    await page.get_by_role("heading", level=1).hover()
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
    await expect(legend(page, "failed 10")).to_be_enabled()


async def test_thousands_of_dates_are_drawn_without_a_long_task(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("0 */3 * * *"))
    page = await visit(site.address)
    async with traced(page) as tasks:
        await page.goto(f"{site.address}/#/dags/{dag_id}")
        await opened(page)
        await expect(legend(page, "missing 2,9")).to_be_visible()
        await expect(page.locator("[data-part=title]")).to_have_text("Last 12 months")
    assert max(tasks) < LONGEST


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


@IN_BOTH_SCHEMES
@pytest.mark.parametrize("width", [1280, 360])
async def test_axe_finds_no_violations(
    site: Site, visit: Visit, dag_id: str, dark: bool, rules: list[str], width: int
) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}", dark=dark, width=width)
    await opened(page)
    await legend(page, "failed 10").click()
    assert await violations(page, rules) == []
    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_a_range_across_a_year_has_months_and_years(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await show(page, "2016-11-07", "2017-02-28")
    await expect(page.locator("[data-part=title]")).to_have_text("7 November 2016 to 28 February 2017")
    await expect(page.get_by_role("columnheader")).to_have_text(["2016", "2017", "Nov", "Dec", "Jan", "Feb"])
    await expect(page.locator("td[aria-selected]")).to_have_count(114)
    await expect(page.locator("summary", has_text="Other dates")).to_be_focused()
    await page.reload()
    await expect(page.locator("[data-part=title]")).to_have_text("7 November 2016 to 28 February 2017")
    await page.get_by_role("button", name="‹ 16 July to 6 November 2016").click()
    await expect(page.locator("td[aria-selected]")).to_have_count(114)
    await page.get_by_role("button", name="Latest dates").click()
    await expect(page.locator("[data-part=title]")).to_have_text("Last 12 months")
    assert "shown" not in page.url


async def test_a_range_of_the_calendar_is_known_as_such(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}?shown=2017-02-01%2F2017-02-28")
    await opened(page)
    await expect(page.locator("[data-part=title]")).to_have_text("Feb 2017")
    await expect(page.get_by_role("button", name="‹ Jan 2017")).to_be_visible()


async def test_a_range_that_no_map_can_show_is_refused(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    for first, last, label, sentence in (
        ("", "2017-02-28", "First day", "Enter the first day."),
        ("2017-03-01", "", "Last day", "Enter the last day."),
        ("2017-03-01", "2017-02-28", "Last day", "This is before the first day."),
        ("2015-01-01", "2017-02-28", "Last day", "The map shows at most a year."),
    ):
        await show(page, first, last)
        await expect(page.get_by_label(label)).to_be_focused()
        await expect(page.get_by_label(label)).to_have_accessible_description(sentence)
        await page.keyboard.press("Escape")
    await expect(page.get_by_label("First day")).to_be_hidden()


async def show(page: Page, first: str, last: str) -> None:
    """Let the map show other dates."""
    await page.get_by_text("Other dates").click()
    await page.get_by_label("First day").fill(first)
    await page.get_by_label("Last day").fill(last)
    await page.get_by_role("button", name="Show", exact=True).click()


async def test_single_dates_are_chosen_with_ctrl(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    bodies = recorded(page)
    for days in (9, 120, 7):
        await cell(page, days).click(modifiers=["Control"])
    await expect(page.get_by_label("Chosen dates")).to_be_checked()
    await expect(page.locator("[data-part=chosen_text]")).to_contain_text("3 chosen dates.")
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(3)
    chosen = [f"{days_ago(days):%a %-d %b %Y}".replace("Sep ", "Sept ") for days in (120, 9, 7)]
    told = f"3 days selected, {chosen[0]}, {chosen[1]} and {chosen[2]}: 3 missing"
    await expect(page.locator(".schedule .pointed")).to_have_text(told)
    # The cell that was chosen last has the focus; the keyboard leaves it out again, and takes in the one below.
    await page.keyboard.press("Control+Space")
    await expect(page.locator("[data-part=chosen_text]")).to_contain_text("2 chosen dates.")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(3)
    await preview(page)
    listed = [f"{days_ago(days).day} {days_ago(days):%B %Y}" for days in (120, 9, 6)]
    await expect(page.get_by_text(f"{listed[0]}, {listed[1]} and {listed[2]}.")).to_be_visible()
    await page.get_by_role("button", name="Create 3 runs").click()
    await expect(page.get_by_role("heading", name="3 runs created")).to_be_visible()
    expected = [{"execution_date": f"{days_ago(days):%Y-%m-%dT12:00:00}"} for days in (120, 9, 6)]
    assert [body["runs"] for body in bodies] == [expected, expected]
    await expect(page.locator("[data-state=queued][role=gridcell], td[data-state=queued]")).to_have_count(3)


async def test_a_date_with_a_run_is_not_chosen(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await cell(page, 50).click(modifiers=["Control"])
    await expect(page.locator("#status")).to_have_text("No run is missing there.")
    await expect(page.locator(".schedule .pointed")).to_contain_text("No run is missing there.")
    await expect(page.get_by_label("A range of dates")).to_be_checked()


async def test_ctrl_adds_a_date_to_a_range(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await cell(page, 5).hover()
    await page.mouse.down()
    await cell(page, 3).hover()
    await page.mouse.up()
    await expect_range(page, 5, 3)
    await cell(page, 8).click(modifiers=["Control"])
    await expect(page.locator("[data-part=chosen_text]")).to_contain_text("4 chosen dates.")
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_label("Chosen dates")).to_be_focused()
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(0)
    await preview(page)
    await expect(page.get_by_text("Choose dates in the map first: click them.")).to_be_visible()


async def test_missing_dates_apart_from_each_other_are_chosen(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(start_date=days_ago(10).timestamp()))
    for number in (10, 9, 7, 6, 5, 3, 2, 1, 0):
        await site.airflow.add_run(dag_id, f"run_{number}", days_ago(number))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await page.get_by_role("button", name="2 missing").click()
    await expect(page.locator("[data-part=chosen_text]")).to_contain_text("2 chosen dates.")
    await page.reload()
    await opened(page)
    await expect(page.locator("[data-part=chosen_text]")).to_contain_text("2 chosen dates.")
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(2)


async def test_a_preview_marks_its_dates_in_the_map(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}", width=360)
    await opened(page)
    await fill(page, f"{days_ago(300):%Y-%m-%d}", f"{days_ago(298):%Y-%m-%d}")
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(3)
    await expect(cell(page, 300)).not_to_be_in_viewport()
    await preview(page)
    await page.get_by_role("button", name="Create 3 runs").wait_for()
    await expect(page.locator("td[data-planned]")).to_have_count(3)
    await expect(cell(page, 300)).to_have_accessible_name(re.compile(": missing, 1 planned run$"))
    await expect(page.get_by_role("list", name="Dates in each state")).to_contain_text("planned 3")
    # The map scrolls inside its card; the page stays where the button is.
    await expect(page.get_by_role("button", name="Create 3 runs")).to_be_in_viewport()
    await cell(page, 300).evaluate("each => each.closest('section').scrollIntoView()")
    await expect(cell(page, 300)).to_be_in_viewport()
    await page.get_by_label("Name", exact=True).fill("other")
    await expect(page.locator("td[data-planned]")).to_have_count(0)


async def test_a_reload_shows_the_dates_of_the_form(site: Site, visit: Visit, dag_id: str) -> None:
    await filled(site, dag_id)
    date = f"{days_ago(300):%Y-%m-%d}"
    page = await visit(f"{site.address}/#/dags/{dag_id}?from={date}&to={date}", width=360)
    await opened(page)
    await cell(page, 300).evaluate("each => each.closest('section').scrollIntoView()")
    await expect(cell(page, 300)).to_be_in_viewport()
    await expect(page.locator(".schedule .pointed")).to_contain_text("missing")


async def test_a_preview_of_another_year_shows_that_year(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await fill(page, "2017-09-01", "2017-09-03")
    await preview(page)
    await expect(page.locator("[data-part=title]")).to_have_text("2017")
    await expect(page.locator("td[data-planned]")).to_have_count(3)
    await expect(page.get_by_role("button", name="Create 3 runs")).to_be_visible()
    await page.get_by_role("button", name="Create 3 runs").click()
    await expect(legend(page, "queued 3")).to_be_enabled()


@pytest.mark.parametrize("width", [1280, 360])
async def test_a_year_fills_its_card_or_scrolls_inside(site: Site, visit: Visit, dag_id: str, width: int) -> None:
    await filled(site, dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}", width=width)
    await opened(page)
    inner, outer = await page.locator(".map-scroll").evaluate("each => [each.scrollWidth, each.clientWidth]")
    assert inner > outer if width == 360 else inner == outer
    table = await page.locator(".map").evaluate("each => each.offsetWidth")
    assert table > outer * 0.95


async def test_a_button_that_has_no_more_to_do_keeps_no_focus(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(start_date=days_ago(370).timestamp()))
    await add_runs(site, dag_id, 2, first=days_ago(100))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    other = page.locator("summary", has_text="Other dates")
    previous, newest = page.get_by_role("button", name="‹"), page.get_by_role("button", name="Last 12 months")
    while await previous.is_enabled():
        await previous.focus()
        await page.keyboard.press("Enter")
    await expect(other).to_be_focused()
    await newest.press("Enter")
    await expect(newest).to_be_disabled()
    await expect(other).to_be_focused()
    await move(site, dag_id, "failed", "01")
    await page.clock.fast_forward("00:05")
    await legend(page, "failed 1").focus()
    await move(site, dag_id, "queued", "01")
    await in_time(page, lambda wait: expect(legend(page, "failed 0")).to_be_disabled(timeout=wait))
    await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def test_more_dates_than_a_request_takes_are_left_out(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("0 */6 * * *"))
    for hours in (0, 6, 12, 18):
        await add_runs(site, dag_id, 1, f"h{hours}", days_ago(100).replace(hour=hours))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await legend(page, "missing").click()
    await expect(page.get_by_text("500 chosen dates.")).to_be_visible()
    await expect(page.get_by_text("Only the first 500 of these 1,4")).to_be_visible()


async def test_a_drag_that_is_broken_off_ends_there(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await opened(page)
    await cell(page, 20).hover()
    await page.mouse.down()
    await cell(page, 18).hover()
    await cell(page, 18).dispatch_event("pointercancel")
    await cell(page, 5).hover()
    await expect_range(page, 20, 18)
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(3)
