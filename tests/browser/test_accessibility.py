"""The page with a keyboard, with a screen reader, on a phone, and in the dark."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from dagrun_api.client import Client
from tests.browser.axe import IN_BOTH_SCHEMES, violations
from tests.browser.batch import cells
from tests.browser.chromium import Visitor, launched
from tests.browser.conftest import Site, Visit
from tests.browser.form import enter, fill, preview
from tests.browser.scheduling import FIRST, add_runs

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDER = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth).map((each) => each.outerHTML.slice(0, 200))"""
"""The elements that are wider than the page, if it is."""

LONG = "a_rather_long_name_" * 6
STATES = ("success", "failed", "running", "queued")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def filled(site: Site) -> AsyncGenerator[Site]:
    """Serve a site with runs in all states and with long names."""
    for dag_id in ("seen", LONG):
        await site.airflow.add_dag(dag_id, is_paused=dag_id == LONG, full_path=f"/opt/airflow/{LONG}.py")
        await add_runs(site, dag_id, 60, "seen")
        for place, state in enumerate(STATES):
            where = "run_id LIKE 'seen_%' AND CAST(substr(run_id, 6, 7) AS INT) % 4 = ?"
            await site.airflow.execute(f"UPDATE dag_run SET state = ? WHERE {where}", [state, place])
    await site.airflow.add_dag("ended")
    await add_runs(site, "ended", 3, "over")
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'success', queued_at = ?, end_date = ? WHERE dag_id = 'ended'",
        [FIRST, FIRST + timedelta(hours=1)],
    )
    yield site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def limited(native_site: Site) -> AsyncGenerator[Site]:
    """Serve a site with a batch that is limited in two DAGs, and paused in one of them."""
    async with Client(native_site.address) as client:
        for dag_id, limit in (("seen", 4), (LONG, 1000)):
            await native_site.airflow.add_dag(dag_id)
            await client.create(
                dag_id, prefix="seen", start_date="2017-09-01", end_date="2017-09-30", max_active_runs=limit
            )
        await client.create("seen", prefix="told", start_date="2018-01-01", end_date="2018-01-01", conf={"why": LONG})
        await client.set_batch_paused("seen", True, "seen")
    yield native_site


async def each_limited_state(page: Page, site: Site) -> AsyncGenerator[str]:
    """Lead the page through the views of limited batches; yield the name of each."""
    await page.goto(f"{site.address}/#/dags/{LONG}")
    await page.get_by_label("Active at once").wait_for()
    yield "a form with a limit"
    await page.get_by_label("Active at once").fill("")
    await expect(page.get_by_label("Order")).to_be_disabled()
    yield "a form without a limit"
    await page.goto(f"{site.address}/#/batches/seen?dag_id=seen")
    await page.get_by_text("Paused: no further runs start.").wait_for()
    await page.get_by_role("row").nth(20).wait_for()
    yield "a paused batch"
    await page.goto(f"{site.address}/#/batches/seen")
    await page.get_by_role("button", name="Continue in seen").wait_for()
    await page.get_by_role("row").nth(20).wait_for()
    yield "a batch in several DAGs"
    await page.goto(f"{site.address}/#/batches/told?dag_id=seen")
    await page.get_by_role("row").get_by_role("link").click()
    await page.get_by_role("region", name="Conf").wait_for()
    yield "a run with a conf"


async def each_dag_state(page: Page, site: Site) -> AsyncGenerator[str]:
    """Lead the page through the views of one DAG; yield the name of each."""
    await page.goto(f"{site.address}/#/dags/{LONG}")
    await fill(page, "2017-09-01", "2017-11-19")
    await preview(page)
    await page.get_by_role("button", name="Create 20 runs").wait_for()
    await page.get_by_text("Show the 20 runs").click()
    await expect(page.locator("td[data-planned]")).to_have_count(20)
    await page.get_by_text("Other dates").click()
    yield "a preview"
    await page.keyboard.press("Escape")
    await page.get_by_text("Chosen dates", exact=True).click()
    await page.locator("td[data-state=missing]").first.press("Space")
    await page.get_by_text("Show the dates (UTC)").click()
    yield "chosen dates"
    await page.get_by_text("A range of dates", exact=True).click()
    await page.get_by_label("Exact times").check()
    for label in ("From", "To (included)", "Name"):
        await page.get_by_label(label, exact=True).fill("")
    await enter(page, "Conf", "{")
    await preview(page)
    await expect(page.locator("[aria-invalid=true]")).to_have_count(4)
    yield "wrong fields"
    await enter(page, "Conf", "")
    await fill(page, "2010-01-01", "2017-08-31")
    await preview(page)
    await page.get_by_role("button", name="Create all").wait_for()
    yield "a preview of a large range"


async def each_state(page: Page, site: Site) -> AsyncGenerator[str]:
    """Lead the page through most of its other views; yield the name of each."""
    await page.get_by_role("table", name="DAGs", exact=True).get_by_role("link", name="seen", exact=True).wait_for()
    await page.get_by_role("heading", name="Latest batches").wait_for()
    await page.get_by_label("Search").fill("seen")
    # On a phone the batches fill the first screen, and the runs of a DAG are read when its row is seen.
    await page.get_by_role("switch", name="seen is active").scroll_into_view_if_needed()
    await page.get_by_role("list", name="Last runs of seen").get_by_role("link").last.focus()
    yield "the DAGs, and the text of a mark"
    await page.goto(f"{site.address}/#/batches")
    await page.get_by_role("table", name="Batches").get_by_role("link", name=LONG).first.wait_for()
    yield "the batches"
    await page.get_by_label("DAG", exact=True).fill("no such DAG")
    await page.get_by_role("button", name="Show").click()
    await page.get_by_text("There are no batches of the DAG no such DAG.").wait_for()
    yield "no batches"
    await page.goto(f"{site.address}/#/batches/seen")
    await expect(cells(page)).to_have_count(120)
    await page.get_by_role("row").nth(20).wait_for()
    await page.get_by_role("region", name="Failed runs").get_by_role("button", name="All 30 failed runs").wait_for()
    yield "a batch"
    await cells(page).nth(2).focus()
    await page.get_by_label("State").select_option("failed")
    await page.get_by_text("30 runs", exact=True).wait_for()
    yield "its failed runs, and a cell"
    await page.get_by_role("button", name="Cancel runs that").click()
    await page.get_by_role("dialog").wait_for()
    yield "the cancel dialog"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Retry failed runs in both DAGs").click()
    await page.get_by_role("dialog").get_by_text("never started").wait_for()
    yield "the retry dialog"
    await page.keyboard.press("Escape")
    await page.context.set_offline(True)
    await page.clock.fast_forward("00:02")
    await page.get_by_role("button", name="Retry now").wait_for()
    yield "an outage"
    await page.context.set_offline(False)
    # The page retries by itself: a click might come too late.
    await page.clock.fast_forward("00:30")
    await page.get_by_role("button", name="Retry now").wait_for(state="hidden")
    await page.get_by_role("row").get_by_role("link").nth(5).click()
    await page.get_by_text("Created by").wait_for()
    yield "a run"
    await page.goto(f"{site.address}/#/batches/over?dag_id=ended")
    await page.get_by_text("All 3 runs ended in").wait_for()
    yield "a batch that has ended"
    await page.goto(f"{site.address}/#/batches/nothing")
    await page.get_by_role("button", name="Retry", exact=True).wait_for()
    yield "a failure"


@IN_BOTH_SCHEMES
async def test_axe_finds_no_violations(filled: Site, visit: Visit, dark: bool, rules: list[str]) -> None:
    page = await visit(filled.address, dark=dark)
    assert await violations_in(page, each_state(page, filled), rules) == []


@IN_BOTH_SCHEMES
async def test_axe_finds_none_in_limited_batches(limited: Site, visit: Visit, dark: bool, rules: list[str]) -> None:
    page = await visit(limited.address, dark=dark)
    assert await violations_in(page, each_limited_state(page, limited), rules) == []


@IN_BOTH_SCHEMES
async def test_axe_finds_none_on_the_page_of_a_dag(filled: Site, visit: Visit, dark: bool, rules: list[str]) -> None:
    page = await visit(filled.address, dark=dark)
    assert await violations_in(page, each_dag_state(page, filled), rules) == []


async def violations_in(page: Page, views: AsyncIterator[str], rules: list[str]) -> list[str]:
    """Return what axe finds in the views that a page is led through."""
    return [f"{shown}: {each}" async for shown in views for each in await violations(page, rules)]


async def test_on_a_phone_nothing_is_wider_than_the_page(filled: Site, limited: Site, visit: Visit) -> None:
    page = await visit(filled.address, width=360)
    async for shown in each_state(page, filled):
        assert await page.evaluate("document.documentElement.scrollWidth") == 360, shown
    async for shown in each_dag_state(page, filled):
        assert await page.evaluate("document.documentElement.scrollWidth") == 360, shown
    await page.close()
    page = await visit(limited.address, width=360)
    async for shown in each_limited_state(page, limited):
        assert await page.evaluate("document.documentElement.scrollWidth") == 360, shown


async def test_large_text_is_followed_and_fits_a_phone(filled: Site, chromium: str) -> None:
    async with launched(chromium, "--blink-settings=defaultFontSize=32") as browser:
        visitor = Visitor(browser)
        page = await visitor.open(filled.address, width=412)
        assert await page.evaluate("getComputedStyle(document.body).fontSize") == "30px"
        async for shown in each_state(page, filled):
            assert await page.evaluate(WIDER) == [], shown
        async for shown in each_dag_state(page, filled):
            assert await page.evaluate(WIDER) == [], shown
        await visitor.leave()
    assert visitor.complaints == []


async def test_the_colours_follow_the_browser(filled: Site, visit: Visit) -> None:
    page = await visit(filled.address)
    colours = "[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).color]"
    light = await page.evaluate(colours)
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate(colours)
    assert sum(brightness(light[0])) > sum(brightness(light[1])), light
    assert sum(brightness(dark[0])) < sum(brightness(dark[1])), dark


def brightness(colour: str) -> list[int]:
    return [int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(", ")]


async def test_states_differ_in_forced_colours(filled: Site, visit: Visit) -> None:
    page = await visit(f"{filled.address}/#/batches/seen?dag_id=seen")
    await page.emulate_media(forced_colors="active")
    await page.get_by_role("list", name="Runs by execution date").wait_for()
    forms = "(all) => new Set(all.map((each) => getComputedStyle(each).backgroundImage)).size"
    assert await page.locator(".bar span").evaluate_all(forms) == len(STATES)
    assert await page.locator(".strip a").evaluate_all(forms) == len(STATES)
    await page.goto(f"{filled.address}/#/dags/seen?shown=2017-09-01%2F2017-10-30")
    await expect(page.locator(".schedule")).not_to_have_attribute("aria-busy", "true")
    assert await page.locator(".map td[data-state]").evaluate_all(forms) == len(STATES)
    switch = page.get_by_role("switch")
    colour = "(each) => getComputedStyle(each).backgroundColor"
    before = await switch.evaluate(colour)
    await switch.click()
    await expect(page.locator("#status")).to_have_text("seen is now paused.")
    await expect(switch).not_to_be_checked()
    assert await switch.evaluate(colour) != before
    await switch.click()
    await expect(switch).to_be_checked()


async def test_a_batch_is_created_with_the_keyboard_alone(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(site.address)
    await page.get_by_role("link", name=dag_id).wait_for()

    async def tab_to(name: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            # The picker of a date field has the focus inside the field.
            focused = await page.evaluate_handle("document.activeElement")
            words = await focused.evaluate("each => each.labels?.[0]?.textContent ?? each.textContent")
            if name == words:
                assert await focused.evaluate("each => getComputedStyle(each).outlineStyle") == "solid"
                return
        raise AssertionError(f"{name} cannot be reached with the Tab key")

    await tab_to("Skip to content")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await tab_to("Search")
    await page.keyboard.type(dag_id)
    await tab_to(dag_id)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.get_by_role("button", name="Preview")).to_be_visible()
    for label, value in {"From": "09012017", "To (included)": "09022017", "Name": "keys"}.items():
        await tab_to(label)
        if label == "Name":
            await page.keyboard.press("Control+A")
        await page.keyboard.type(value)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="2 runs would be created")).to_be_focused()
    await tab_to("Create 2 runs")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="2 runs created")).to_be_visible()
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_be_focused()
    await expect(page.get_by_text("0 of 2 runs ended")).to_be_visible()


async def test_a_screen_reader_gets_the_structure_of_a_batch(filled: Site, visit: Visit) -> None:
    page = await visit(f"{filled.address}/#/batches/seen?dag_id=seen")
    await expect(cells(page)).to_have_count(60)
    await expect(page.get_by_role("main")).to_match_aria_snapshot("""
        - main:
          - heading "Batch seen of DAG seen" [level=1]
          - region "Progress":
            - heading "30 of 60 runs ended (50%)." [level=2]
            - 'img "success: 15, failed: 15, running: 15, queued: 15"'
            - list:
              - listitem: success 15
              - listitem: failed 15
              - listitem: running 15
              - listitem: queued 15
            - paragraph:
              - button "Cancel runs that have not started…"
              - button "Retry failed runs…"
          - region "Failed runs":
            - heading "Failed runs" [level=2]
            - table "The newest failed runs; times in UTC":
              - rowgroup:
                - row "Run Execution date (UTC) Ended (UTC) Duration":
                  - columnheader "Run"
              - rowgroup:
                - row /seen_00000\\d\\d_.* never started/:
                  - rowheader /seen_00000\\d\\d_/
          - heading "Runs by execution date" [level=2]
          - group "Runs by execution date":
            - list "Runs by execution date":
              - listitem:
                - link "2017-09-01 12:00:00 UTC, failed, seen_0000001_2017-09-01T12:00:00 of seen"
          - heading "Runs" [level=2]
          - paragraph:
            - combobox "State"
          - paragraph:
            - combobox "Order"
          - status: 50 runs on page 1
          - region "Runs":
            - table "Runs of the batch in the order they were created; times in UTC":
              - rowgroup:
                - row "Run State Execution date (UTC) Started (UTC) Ended (UTC)":
                  - columnheader "Run"
                  - columnheader "State"
              - rowgroup:
                - row /seen_0000001_2017-09-01T12:00:00 failed/:
                  - rowheader "seen_0000001_2017-09-01T12:00:00"
        """)
    await expect(page.get_by_role("banner")).to_be_visible()
    await expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    assert await page.get_by_role("table", name="Runs of the batch").get_by_role("rowheader").count() == 50
