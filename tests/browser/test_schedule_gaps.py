"""The gaps of a schedule, named below its map."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import preview
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEPTEMBER = "shown=2017-09-01%2F2017-09-30"


async def september(site: Site, dag_id: str, gaps: set[int], cron: str = "0 12 * * *") -> None:
    """Add a DAG whose schedule begins on 1 September 2017, with a run on each day of that month but some."""
    first = datetime(2017, 9, 1, tzinfo=UTC)
    await site.airflow.add_dag(dag_id, serialized=serialized(cron, start_date=first.timestamp()))
    for day in set(range(1, 31)) - gaps:
        await site.airflow.add_run(dag_id, f"run_{day}", datetime(2017, 9, day, 12, tzinfo=UTC), state="success")


def gaps_of(page: Page) -> Locator:
    return page.get_by_role("list", name="Gaps:").get_by_role("listitem")


async def test_a_gap_selects_its_dates(site: Site, visit: Visit, dag_id: str) -> None:
    await september(site, dag_id, {3, 12, 13, 14, 30})
    page = await visit(f"{site.address}/#/dags/{dag_id}?{SEPTEMBER}")
    await expect(gaps_of(page)).to_have_text(["30 September 2017", "12 to 14 September 2017 (3)", "3 September 2017"])
    await page.get_by_role("button", name="12 to 14 September 2017").click()
    await expect(page.get_by_role("gridcell", selected=True)).to_have_count(3)
    await expect(page.get_by_label("From", exact=True)).to_have_value("2017-09-12")
    await expect(page.get_by_label("To (included)")).to_have_value("2017-09-14")
    await preview(page)
    await page.get_by_role("button", name="Create 3 runs").click()
    await expect(gaps_of(page)).to_have_text(["30 September 2017", "3 September 2017"])


async def test_days_without_a_date_do_not_end_a_gap(site: Site, visit: Visit, dag_id: str) -> None:
    weekends = {2, 3, 9, 10, 16, 17, 23, 24, 30}
    await september(site, dag_id, {7, 8, 11, 12} | weekends, "0 12 * * 1-5")
    page = await visit(f"{site.address}/#/dags/{dag_id}?{SEPTEMBER}")
    await expect(gaps_of(page)).to_have_text(["7 to 12 September 2017 (4)"])
    await gaps_of(page).get_by_role("button").click()
    await expect(page.get_by_label("From", exact=True)).to_have_value("2017-09-07")
    await expect(page.get_by_label("To (included)")).to_have_value("2017-09-12")


async def test_older_gaps_are_counted(site: Site, visit: Visit, dag_id: str) -> None:
    await september(site, dag_id, {2, 4, 6, 8, 10})
    page = await visit(f"{site.address}/#/dags/{dag_id}?{SEPTEMBER}")
    newest = [f"{day} September 2017" for day in (10, 8, 6)]
    await expect(gaps_of(page)).to_have_text([*newest, "and 2 earlier ones"])


async def test_a_gap_of_a_day_has_hours(site: Site, visit: Visit, dag_id: str) -> None:
    first = datetime(2017, 9, 1, tzinfo=UTC)
    await site.airflow.add_dag(dag_id, serialized=serialized("0 * * * *", start_date=first.timestamp()))
    for hour in set(range(24)) - {3, 4, 5}:
        await site.airflow.add_run(dag_id, f"run_{hour}", first + timedelta(hours=hour))
    page = await visit(f"{site.address}/#/dags/{dag_id}?shown=2017-09-01%2F2017-09-01")
    await expect(gaps_of(page)).to_have_text(["03:00 to 05:59 (3)"])
    await gaps_of(page).get_by_role("button").click()
    await expect(page.get_by_label("From time (UTC)")).to_have_value("03:00")
    await expect(page.get_by_label("To time (UTC)")).to_have_value("05:59")


async def test_without_a_gap_none_is_named(site: Site, visit: Visit, dag_id: str) -> None:
    await september(site, dag_id, set())
    page = await visit(f"{site.address}/#/dags/{dag_id}?{SEPTEMBER}")
    await expect(page.get_by_role("button", name="success 30")).to_be_visible()
    await expect(page.get_by_text("Gaps:")).to_be_hidden()
