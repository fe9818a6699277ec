"""The list of DAGs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Request, Route, expect

from tests.browser.conftest import Site, Visit, serving
from tests.browser.dags import links, rows
from tests.browser.scheduling import FIRST, add_runs, in_time

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_dag_is_listed_with_file_and_last_execution(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, full_path="shop/orders.py")
    page = await visit(f"{site.address}/#/?search={dag_id}")
    row = rows(page).filter(has_text=dag_id)
    await expect(row).to_contain_text("shop/orders.py")
    await expect(row).to_contain_text("never")
    await row.get_by_role("link", name=dag_id).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"DAG {dag_id}")
    await expect(page).to_have_title(f"DAG {dag_id} · dagrun-api")


async def test_the_switch_pauses_and_unpauses_a_dag(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/?search={dag_id}")
    switch = page.get_by_role("switch", name=f"{dag_id} is active")
    row = rows(page).filter(has_text=dag_id)
    await expect(switch).to_be_checked()
    for paused, word in ((True, "paused"), (False, "active")):
        await switch.press("Space")
        # A word tells the state, not only the colour.
        await expect(row).to_contain_text(word)
        await expect(page.locator("#status")).to_have_text(f"{dag_id} is now {word}.")
        ((is_paused,),) = await site.airflow.execute("SELECT is_paused FROM dag WHERE dag_id = ?", [dag_id])
        assert bool(is_paused) is paused
        await expect(switch).to_be_focused()


async def test_dags_can_be_filtered_by_text_and_by_state(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(f"{dag_id}_on")
    await site.airflow.add_dag(f"{dag_id}_off", is_paused=True)
    page = await visit(site.address)
    await page.get_by_label("Search").fill(dag_id.upper())
    await expect(rows(page)).to_have_count(2)
    await page.get_by_label("Show").select_option("paused")
    await expect(rows(page)).to_have_count(1)
    await expect(page.get_by_role("switch", name=f"{dag_id}_off is active")).not_to_be_checked()
    # Going back leads to the same rows.
    await page.get_by_role("link", name=f"{dag_id}_off").click()
    await page.get_by_role("heading", name=f"{dag_id}_off").wait_for()
    await page.go_back()
    await expect(page.get_by_label("Search")).to_have_value(dag_id.upper())
    await expect(rows(page)).to_have_count(1)


async def add_days(site: Site, dag_id: str, states: str) -> None:
    """Add a run a day; each letter is its state."""
    names = {"s": "success", "f": "failed", "r": "running", "q": "queued"}
    for place, letter in enumerate(states):
        date = FIRST + timedelta(days=place)
        await site.airflow.add_run(dag_id, f"scheduled__{date.isoformat()}", date, state=names[letter], external=False)


async def test_the_last_runs_are_marks_that_lead_to_them(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_days(site, dag_id, "ffsssssssssssssr")
    page = await visit(f"{site.address}/#/?search={dag_id}")
    marks = page.get_by_role("list", name=f"Last runs of {dag_id}").get_by_role("link")
    await expect(marks).to_have_count(14)
    await expect(marks.first).to_have_accessible_name("2017-09-03 12:00:00 UTC, success")
    await expect(marks.last).to_have_accessible_name("2017-09-16 12:00:00 UTC, running")
    # They are one stop of the Tab key.
    assert await marks.evaluate_all("all => all.filter((each) => each.tabIndex === 0).length") == 1
    await marks.last.focus()
    await page.keyboard.press("Home")
    await expect(marks.first).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowRight")
    await expect(marks.nth(1)).to_be_focused()
    # These keys belong to the browser.
    await page.keyboard.press("Control+ArrowRight")
    await expect(marks.nth(1)).to_be_focused()
    # Who does not hear the name of a mark sees it.
    assert "2017-09-04" in await marks.nth(1).evaluate("each => getComputedStyle(each, '::after').content")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("scheduled__2017-09-04T12:00:00+00:00")


async def test_marks_stand_by_date_though_read_by_age(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_days(site, dag_id, "ss")
    await add_runs(site, dag_id, 1, "older", FIRST - timedelta(days=9))
    page = await visit(f"{site.address}/#/?search={dag_id}")
    marks = page.get_by_role("list", name=f"Last runs of {dag_id}").get_by_role("link")
    await expect(marks).to_have_count(3)
    await expect(marks.first).to_have_accessible_name("2017-08-23 12:00:00 UTC, queued")
    # The last run is that with the newest date, not the one that was created last.
    row = rows(page).filter(has_text=dag_id)
    await row.get_by_role("link", name="2017-09-02 12:00:00", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("scheduled__2017-09-02")


async def test_at_most_four_dags_are_asked_for_at_once(site: Site, visit: Visit, dag_id: str) -> None:
    for number in range(7):
        await site.airflow.add_dag(f"{dag_id}_{number}")
        await add_days(site, f"{dag_id}_{number}", "s")
    page = await visit(f"{site.address}/#/nowhere")
    requests: asyncio.Queue[Route] = asyncio.Queue()
    await page.route(f"**/dag_runs?dag_id={dag_id}*", lambda route: requests.put(route))
    await page.goto(f"{site.address}/#/?search={dag_id}")
    unanswered = [await requests.get() for _ in range(4)]
    for _ in range(3):
        await expect(page.get_by_role("row").nth(7)).to_be_visible()
        assert requests.empty()
        await unanswered.pop().continue_()
        unanswered.append(await requests.get())
    for route in unanswered:
        await route.continue_()
    await expect(page.get_by_role("list", name=f"Last runs of {dag_id}_")).to_have_count(7)


async def test_dags_whose_last_run_failed_can_be_listed(site: Site, visit: Visit, dag_id: str) -> None:
    for name, states in (("good", "fs"), ("bad", "sf"), ("new", "")):
        await site.airflow.add_dag(f"{dag_id}_{name}")
        await add_days(site, f"{dag_id}_{name}", states)
    page = await visit(f"{site.address}/#/?search={dag_id}")
    await page.get_by_label("Show", exact=True).select_option("last run failed")
    await expect(links(page)).to_have_text([f"{dag_id}_bad"])
    await page.reload()
    await expect(links(page)).to_have_text([f"{dag_id}_bad"])


async def test_dags_can_be_sorted_by_their_last_run(site: Site, visit: Visit, dag_id: str) -> None:
    for name, states in (("a", "ss"), ("b", ""), ("c", "sss"), ("d", "s")):
        await site.airflow.add_dag(f"{dag_id}{name}")
        await add_days(site, f"{dag_id}{name}", states)
    page = await visit(f"{site.address}/#/?search={dag_id}")
    table = page.get_by_role("table", name="DAGs", exact=True)
    by_id = table.get_by_role("columnheader", name="DAG", exact=True)
    column = table.get_by_role("columnheader", name="Last run (UTC)", exact=True)
    await expect(by_id).to_have_attribute("aria-sort", "ascending")
    await column.get_by_role("button").press("Enter")
    await expect(column).to_have_attribute("aria-sort", "descending")
    await expect(by_id).not_to_have_attribute("aria-sort", "ascending")
    # Those without a run are last in both directions.
    await expect(links(page)).to_have_text([dag_id + name for name in "cadb"])
    await column.get_by_role("button").press("Enter")
    await expect(column.get_by_role("button")).to_be_focused()
    await expect(links(page)).to_have_text([dag_id + name for name in "dacb"])
    await page.reload()
    await expect(column).to_have_attribute("aria-sort", "ascending")
    await links(page).first.click()
    await page.get_by_role("heading", name=f"DAG {dag_id}d").wait_for()
    await page.go_back()
    await expect(links(page)).to_have_text([dag_id + name for name in "dacb"])


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def empty(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site without DAGs."""
    async with serving("2.11.2", tmp_path_factory.mktemp("empty")) as site:
        yield site


async def test_without_dags_the_page_says_what_to_do(empty: Site, visit: Visit) -> None:
    page = await visit(empty.address)
    await expect(page.get_by_text("There are no DAGs yet")).to_be_visible()
    await expect(page.get_by_text("scheduler")).to_be_visible()
    await expect(page.get_by_label("Search")).to_be_hidden()


async def test_two_thousand_dags_are_shown_in_portions(empty: Site, visit: Visit) -> None:
    await empty.airflow.execute(
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999) "
        "INSERT INTO dag (dag_id, is_active, is_paused, is_subdag, fileloc, max_active_tasks, "
        "has_task_concurrency_limits, max_consecutive_failed_dag_runs) "
        "SELECT printf('shop_%04d', i), 1, 0, 0, 'dags/shop.py', 16, 0, 0 FROM n"
    )
    page = await visit(f"{empty.address}/#/nowhere")
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))
    await page.get_by_role("link", name="Home", exact=True).click()
    await expect(page.get_by_text("2,000 DAGs", exact=True)).to_be_visible()
    await expect(rows(page)).to_have_count(100)
    # The runs of a DAG are read when its row is seen.
    await expect(page.get_by_role("row").nth(100)).not_to_be_in_viewport()
    async with page.expect_response("**/dag_runs?dag_id=shop_0099&*"):
        assert not any("shop_0099" in request.url for request in requests)
        await page.get_by_role("row").nth(100).scroll_into_view_if_needed()
    await page.get_by_role("button", name="Show 100 more (1,900 left)").click()
    await expect(rows(page)).to_have_count(200)
    await expect(page.get_by_role("link", name="shop_0100")).to_be_focused()
    await page.get_by_label("Search").fill("199")
    await expect(page.get_by_text("12 of 2,000 DAGs")).to_be_visible()
    await expect(rows(page)).to_have_count(12)
    await empty.airflow.execute("DELETE FROM dag")


async def test_a_missing_dag_is_reported(site: Site, visit: Visit) -> None:
    page = await visit(f"{site.address}/#/dags/{quote('no/such dag', safe='')}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("DAG no/such dag")
    await expect(page.get_by_role("alert").filter(has_text="Dag id no/such dag not found")).to_be_visible()


async def test_an_unknown_address_shows_page_not_found(site: Site, visit: Visit) -> None:
    page = await visit(f"{site.address}/#/nowhere")
    for address in ("#/nowhere", "#/dags", "#/dags/%zz", "#/dags/a/b", "#/__proto__/x", "#main", "#/runs/"):
        await page.goto(f"{site.address}/#/")
        await expect(page.get_by_role("heading", level=1)).to_have_text("DAGs")
        await page.goto(f"{site.address}/{address}")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
        await expect(page.get_by_role("link", name="All DAGs")).to_be_visible()


async def test_the_list_is_read_again_once_a_minute(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await site.airflow.add_dag(f"{dag_id}_gone")
    await site.airflow.update_dag(dag_id, {"next_dagrun_create_after": FIRST})
    page = await visit(f"{site.address}/#/?search={dag_id}")
    table = page.get_by_role("table", name="DAGs", exact=True)
    row = table.get_by_role("row").filter(has=page.get_by_role("switch", name=f"{dag_id} is active"))
    await expect(row).to_contain_text("never")
    await row.get_by_role("link", name=dag_id).focus()
    await site.airflow.execute("DELETE FROM dag WHERE dag_id = ?", [f"{dag_id}_gone"])
    await site.airflow.add_dag(f"{dag_id}_new")
    await site.airflow.add_run(dag_id, "scheduled__1", FIRST, state="failed", external=False)
    await site.airflow.update_dag(dag_id, {"next_dagrun_create_after": FIRST + timedelta(days=1)})
    new = table.get_by_role("switch", name=f"{dag_id}_new is active")
    await in_time(page, lambda wait: expect(new).to_be_visible(timeout=wait))
    await expect(table.get_by_role("switch", name=f"{dag_id}_gone is active")).to_have_count(0)
    await expect(row).to_contain_text("2017-09-02 12:00:00")
    await expect(row.get_by_role("cell").nth(2)).to_contain_text("failed")
    await expect(row.get_by_role("list", name="Last runs").get_by_role("link")).to_have_count(1)
    await site.airflow.update_dag(dag_id, {"is_paused": True})
    await site.airflow.execute("UPDATE dag_run SET state = 'success' WHERE dag_id = ?", [dag_id])
    await in_time(page, lambda wait: expect(row.get_by_role("switch")).not_to_be_checked(timeout=wait))
    await expect(row.get_by_role("link", name="2017-09-01 12:00:00 UTC, success")).to_be_visible()
    await expect(row.get_by_role("link", name=dag_id)).to_be_focused()
    await site.airflow.execute("DELETE FROM dag_run WHERE dag_id = ?", [dag_id])
    await site.airflow.add_run(dag_id, "scheduled__0", FIRST - timedelta(days=1), state="failed", external=False)
    last = row.get_by_role("cell").nth(2)
    await in_time(page, lambda wait: expect(last).to_contain_text("2017-08-31 12:00:00", timeout=wait))
    await expect(row.get_by_role("list", name="Last runs").get_by_role("link")).to_have_count(1)
