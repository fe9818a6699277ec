"""The way of someone new: find a gap in the year of a DAG, fill it beside the schedule, and watch the batch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import recorded
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")

GAP = range(196, 201)
"""How many days ago nothing ran."""


async def test_a_newcomer_finds_a_gap_and_fills_it(native_site: Site, visit: Visit, dag_id: str) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=30, second=0, microsecond=0)
    first = today - timedelta(days=400)
    await native_site.airflow.add_dag(dag_id, serialized=serialized("30 0 * * *", start_date=first.timestamp()))
    for days in range(400, -1, -1):
        if days not in GAP:
            await native_site.airflow.add_run(dag_id, f"scheduled__{days}", today - timedelta(days=days))
    page = await visit(native_site.address)
    bodies = recorded(page)

    await page.get_by_role("link", name=dag_id, exact=True).click()
    # The year has a gap: the facts and the legend of the map say so.
    missing = page.locator("dl").filter(has_text="Missing, last 12 months").get_by_role("button", name="5", exact=True)
    await missing.click()
    gap = [today - timedelta(days=days) for days in reversed(GAP)]
    await expect(page.locator(".pointed")).to_contain_text("5 days selected")
    await expect(page.get_by_label("From", exact=True)).to_have_value(f"{gap[0]:%Y-%m-%d}")
    await expect(page.get_by_label("To (included)")).to_have_value(f"{gap[-1]:%Y-%m-%d}")

    await page.get_by_role("button", name="Preview", exact=True).click()
    await expect(page.get_by_role("heading", name="5 runs would be created")).to_be_visible()
    await expect(page.get_by_text("0 dates already have a run. The schedule goes on beside them")).to_be_visible()
    await expect(page.locator("td[data-planned]")).to_have_count(5)
    create = page.get_by_role("button", name="Create 5 runs")
    await expect(create).to_be_in_viewport()
    await create.click()
    await expect(page.get_by_role("heading", name="5 runs created")).to_be_visible()
    await expect(page.get_by_role("link", name="Watch the batch")).to_be_focused()
    await expect(missing).to_have_count(0)
    await page.get_by_role("link", name="Watch the batch").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"of DAG {dag_id}")
    await expect(page.get_by_text("0 of 5 runs ended")).to_be_visible()

    created = (await native_site.airflow.runs_of(dag_id))[-5:]
    assert [run["execution_date"][:19] for run in created] == [f"{date:%Y-%m-%d %H:%M:%S}" for date in gap]
    assert {run["run_type"] for run in created} == {"backfill"}
    assert len(bodies) == 2
