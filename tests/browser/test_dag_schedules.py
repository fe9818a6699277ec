"""The schedules in the list of DAGs: in words, searched, and in the order of their next runs."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.dags import links, rows
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def add_scheduled(site: Site, dag_id: str, schedule: str | None, next_run: datetime | None) -> None:
    """Add a DAG whose next run the scheduler creates at some time, as Airflow notes both in its row."""
    await site.airflow.add_dag(dag_id, serialized=serialized(schedule))
    texts = {"timetable_summary": schedule, "schedule_interval": json.dumps(schedule)}
    await site.airflow.update_dag(dag_id, texts | {"next_dagrun": next_run, "next_dagrun_create_after": next_run})


async def test_a_schedule_is_shown_in_words_and_as_written(site: Site, visit: Visit, dag_id: str) -> None:
    soon = datetime.now(UTC) + timedelta(hours=6, minutes=5)
    await add_scheduled(site, dag_id, "30 2 * * 1-5", soon)
    page = await visit(f"{site.address}/#/?search={dag_id}")
    row = rows(page).filter(has_text=dag_id)
    await expect(row).to_contain_text("Monday to Friday at 02:30")
    await expect(row).to_contain_text("30 2 * * 1-5")
    await expect(row).to_contain_text(f"{soon:%Y-%m-%d %H:%M}")
    await expect(row).to_contain_text("in 6 hours")
    # A paused DAG has no next run.
    await page.get_by_role("switch", name=f"{dag_id} is active").press("Space")
    await expect(row).not_to_contain_text("in 6 hours")


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0 * * * *", "every hour"),
        ("7 * * * *", "every hour at minute 7"),
        ("0 */6 * * *", "every 6 hours"),
        ("30 */6 * * *", "every 6 hours at minute 30"),
        ("5 6,18 * * *", "every day at 06:05 and 18:05"),
        ("0 3 1 * *", "on day 1 of every month at 03:00"),
        ("@weekly", "every Sunday at 00:00"),
        # Not the same distance everywhere, or not plain.
        ("*/7 * * * *", None),
        ("0 */5 * * *", None),
        ("0 3 1 * 1", None),
        ("0 8 * * MON", None),
    ],
)
async def test_a_plain_schedule_is_put_in_words(
    site: Site, visit: Visit, dag_id: str, cron: str, words: str | None
) -> None:
    await site.airflow.add_dag(dag_id, serialized=serialized(cron))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    sentence = f"{words[0].upper()}{words[1:]}, UTC · {cron}" if words else f"{cron} · UTC"
    await expect(page.locator(".about")).to_have_text(re.compile(rf"^{re.escape(sentence)}"))


async def test_an_overdue_run_is_said_to_be_due(site: Site, visit: Visit, dag_id: str) -> None:
    await add_scheduled(site, dag_id, "0 * * * *", datetime.now(UTC) - timedelta(hours=3, minutes=5))
    page = await visit(f"{site.address}/#/?search={dag_id}")
    await expect(page.get_by_text("due 3 hours ago")).to_be_visible()


async def test_a_dag_is_found_by_its_schedule(site: Site, visit: Visit, dag_id: str) -> None:
    await add_scheduled(site, dag_id, "17 3 * * 2", None)
    page = await visit(site.address)
    for text in ("17 3 * * 2", "tuesday at 03:17"):
        await page.get_by_label("Search").fill(text)
        await expect(links(page)).to_have_text([dag_id])


async def test_dags_can_be_sorted_by_their_next_run(site: Site, visit: Visit, dag_id: str) -> None:
    noon = datetime(2100, 1, 1, 12, tzinfo=UTC)
    for name, hour in (("a", 15), ("b", None), ("c", 13), ("d", 14)):
        await add_scheduled(site, dag_id + name, "@hourly", None if hour is None else noon.replace(hour=hour))
    page = await visit(f"{site.address}/#/?search={dag_id}")
    heading = page.get_by_role("button", name="Next run (UTC)", exact=True)
    for direction, order in (("ascending", "cdab"), ("descending", "adcb")):
        await heading.click()
        column = page.get_by_role("columnheader", name="Next run (UTC)", exact=True)
        await expect(column).to_have_attribute("aria-sort", direction)
        await expect(links(page)).to_have_text([dag_id + name for name in order])


async def test_on_a_phone_a_field_sorts(site: Site, visit: Visit, dag_id: str) -> None:
    for name in "ab":
        await site.airflow.add_dag(dag_id + name)
    page = await visit(f"{site.address}/#/?search={dag_id}", width=360)
    await page.get_by_label("Sort by").select_option("DAG, Z to A")
    await expect(page.get_by_role("switch").first).to_have_accessible_name(f"{dag_id}b is active")
    await page.reload()
    await expect(page.get_by_label("Sort by")).to_have_value("-dag_id")
    await expect(page.get_by_role("switch").first).to_have_accessible_name(f"{dag_id}b is active")
