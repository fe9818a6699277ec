"""The page of one run: everything that its row says, and the way to its batch and to Airflow."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from dagrun_api.client import Client
from tests.browser.conftest import Site, Visit, serving
from tests.browser.scheduling import FIRST
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")

DATE = datetime(2017, 9, 1, tzinfo=UTC)
DELTA = {"__type": "airflow.timetables.interval.DeltaDataIntervalTimetable", "__var": {"delta": 5400.0}}
MARKUP = "<img src=x onerror=alert(1)>"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def linked(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Site]:
    """Serve a site on the tables of Airflow 3 that knows where Airflow is."""
    folder = tmp_path_factory.mktemp("linked")
    async with serving("3.1.8", folder, "--airflow-url", "http://airflow.test/team") as site:
        yield site


async def open_run(
    site: Site, visit: Visit, dag_id: str, *, width: int = 1280, conf: Mapping[str, object] | None = None
) -> Page:
    """Create a run of a new DAG that has ended after an hour, and open its page."""
    await site.airflow.add_dag(dag_id)
    async with Client(site.address) as client:
        created = await client.create(
            dag_id, prefix="etl", start_date=DATE, end_date=DATE + timedelta(days=1), conf=conf
        )
    run_id = created.dag_run_ids[0]
    await site.airflow.execute(
        "UPDATE dag_run SET state = 'success', start_date = ?, end_date = ? WHERE run_id = ? AND dag_id = ?",
        [DATE, DATE + timedelta(hours=1, minutes=5, seconds=7), run_id, dag_id],
    )
    return await visit(f"{site.address}/#/runs/{run_id}?dag_id={dag_id}", width=width)


async def test_a_run_is_shown_in_full(linked: Site, visit: Visit, dag_id: str) -> None:
    conf = {"why": MARKUP, "tables": ["a"], "number": 1234567890123456789}
    page = await open_run(linked, visit, dag_id, conf=conf)
    facts = page.locator("dl").first
    await expect(facts).to_contain_text("Duration1 hour 5 minutes")
    for name in ("Data interval (UTC)2017-", "Run after (UTC)20", "Queued (UTC)20", "Ended (UTC)2017-09-01 01:05:07"):
        await expect(facts).to_contain_text(name)
    conf_text = page.get_by_role("region", name="Conf")
    await expect(conf_text).to_contain_text(f'"why": "{MARKUP}",\n  "tables": [\n    "a"\n  ]')
    await expect(conf_text.locator("img")).to_have_count(0)
    await expect(page.get_by_text("Very long numbers are rounded here")).to_be_visible()
    await page.get_by_role("link", name="etl", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Batch etl of DAG {dag_id}")


async def test_a_run_leads_to_its_page_in_airflow(linked: Site, visit: Visit, dag_id: str) -> None:
    page = await open_run(linked, visit, dag_id)
    link = page.get_by_role("link", name="Open in Airflow (opens a new tab)")
    await expect(link).to_have_attribute("rel", "noreferrer")
    await expect(link).to_have_attribute("target", "_blank")
    address = await link.get_attribute("href")
    assert address is not None
    assert address.startswith(f"http://airflow.test/team/dags/{dag_id}/runs/etl_0000001_")


async def test_what_the_tables_do_not_have_is_left_out(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await site.airflow.add_run(dag_id, "manual__x", DATE, state="queued")
    page = await visit(f"{site.address}/#/runs/manual__x?dag_id={dag_id}")
    await expect(page.locator("dl").first).to_contain_text("Started (UTC)not yet")
    for absent in ("Run after", "Duration", "Open in Airflow", "Conf", "None", "Batch"):
        await expect(page.get_by_role("main")).not_to_contain_text(absent, use_inner_text=True)


async def test_a_long_conf_scrolls_on_a_phone(linked: Site, visit: Visit, dag_id: str) -> None:
    page = await open_run(linked, visit, dag_id, width=360, conf={"long": "x" * 500})
    await expect(page.get_by_role("region", name="Conf")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_a_run_is_read_again_until_it_has_ended(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await site.airflow.add_run(dag_id, "etl_0000001_2017-09-01T00:00:00", DATE, state="queued")
    page = await visit(f"{site.address}/#/runs/etl_0000001_2017-09-01T00:00:00?dag_id={dag_id}")
    batch = page.get_by_role("link", name="etl", exact=True)
    await batch.focus()
    for state in ("running", "success"):
        await site.airflow.execute("UPDATE dag_run SET state = ? WHERE dag_id = ?", [state, dag_id])
        await page.clock.fast_forward("00:21")
        await expect(page.locator("dl").first).to_contain_text(f"State{state}")
        await expect(page.locator("#status")).to_have_text(f"The run is {state} now.")
        await expect(batch).to_be_focused()


async def test_a_run_leads_to_the_dates_beside_it(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized("0 12 * * 1-5"))
    friday = datetime(2017, 9, 1, 12, tzinfo=UTC)
    monday = friday + timedelta(days=3)
    await site.airflow.add_run(dag_id, "on_friday", friday, state="failed")
    await site.airflow.add_run(dag_id, "on_monday", monday, state="success")
    page = await visit(f"{site.address}/#/runs/on_monday?dag_id={dag_id}")
    beside = page.locator("section").filter(has=page.get_by_role("heading", name="On the schedule"))
    await expect(beside).to_contain_text("Date after (UTC)2017-09-05 12:00:00 missing")
    await expect(beside).to_contain_text("Date before (UTC)2017-09-01 12:00:00 failed")
    await beside.get_by_role("link", name="2017-09-05 12:00:00").click()
    await expect(page.get_by_label("Chosen dates", exact=True)).to_be_checked()
    await page.get_by_role("button", name="Preview", exact=True).click()
    await page.get_by_role("button", name="Create 1 run").wait_for()
    await page.go_back()
    await beside.get_by_role("link", name="2017-09-01 12:00:00").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Run on_friday")
    await expect(beside).to_contain_text("Date after (UTC)2017-09-04 12:00:00 success")


@pytest.mark.parametrize(
    ("schedule", "before", "after"),
    [
        ("* * * * *", "2017-12-31 23:59:00", "2018-01-01 00:01:00"),
        ("0 0 1 1 *", "2017-01-01 00:00:00", "2019-01-01 00:00:00"),
        (DELTA, "2017-12-31 22:30:00", "2018-01-01 01:30:00"),
    ],
    ids=["minutely", "yearly", "duration"],
)
async def test_dates_beside_a_run_are_found_at_any_pace(
    site: Site, visit: Visit, dag_id: str, schedule: object, before: str, after: str
) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(schedule))
    await site.airflow.add_run(dag_id, "here", datetime(2018, 1, 1, tzinfo=UTC), state="success")
    page = await visit(f"{site.address}/#/runs/here?dag_id={dag_id}")
    for name, date in (("before", before), ("after", after)):
        await expect(page.locator("dl").last).to_contain_text(f"Date {name} (UTC){date}")


async def test_a_dag_without_a_schedule_has_no_dates_beside_a_run(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(None))
    await site.airflow.add_run(dag_id, "here", DATE, state="success")
    page = await visit(f"{site.address}/#/runs/here?dag_id={dag_id}")
    async with page.expect_event("requestfinished", lambda request: "/ticks" in request.url):
        await page.reload()
    await expect(page.get_by_role("heading", name="On the schedule")).to_be_hidden()


async def test_a_run_without_a_date_is_shown(tmp_path: Path, visit: Visit) -> None:
    async with serving("3.1.8", tmp_path) as site:
        await site.airflow.add_dag("a")
        for name in ("one", "two"):
            await site.airflow.add_run("a", f"asset__{name}", FIRST, state="failed", end_date=FIRST)
            await site.airflow.execute("UPDATE dag_run SET logical_date = NULL")
        await site.airflow.execute("UPDATE dag_run SET state = 'success' WHERE run_id = 'asset__one'")
        page = await visit(site.address)
        row = page.get_by_role("row").filter(has=page.get_by_role("switch"))
        await expect(row.get_by_role("list").get_by_role("link")).to_have_count(2)
        assert await row.get_by_role("list").get_by_role("link").evaluate_all(
            "(marks) => marks.map((mark) => mark.ariaLabel)"
        ) == ["no date, success", "no date, failed"]
        await row.get_by_role("link", name="asset__two").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Run asset__two")
        await expect(page.get_by_text("failed", exact=True)).to_be_visible()
        await page.get_by_role("link", name="a", exact=True).click()
        await page.get_by_role("link", name="asset__two").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Run asset__two")
