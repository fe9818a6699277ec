"""The table of the runs of a batch, whose page, filters and order the address keeps."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.scheduling import add_runs, move

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_reloading_and_going_back_lead_to_the_same_page(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 160)
    await move(site, dag_id, "failed", "__")
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    table = page.get_by_role("table", name="Runs of the batch")
    first = table.get_by_role("rowheader").first
    await page.get_by_label("Order").select_option("newest first")
    await expect(first).to_contain_text("etl_0000160")
    await page.get_by_label("State").select_option("queued")
    await expect(page.get_by_text("50 runs on page 1")).to_be_visible()
    await page.get_by_role("button", name="Next").click()
    await expect(page.get_by_text("11 runs on page 2")).to_be_visible()
    await expect(first).to_contain_text("etl_0000110")
    await page.reload()
    await expect(page.get_by_text("11 runs on page 2")).to_be_visible()
    await expect(first).to_contain_text("etl_0000110")
    await first.get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Run etl_0000110_")
    await page.go_back()
    await expect(page.get_by_text("11 runs on page 2")).to_be_visible()
    await expect(page.get_by_label("State")).to_have_value("queued")
    await page.get_by_role("button", name="Previous").click()
    await expect(page.get_by_text("50 runs on page 1")).to_be_visible()
    await expect(first).to_contain_text("etl_0000160")
    await page.get_by_label("State").select_option("any")
    await page.get_by_label("Order").select_option("oldest first")
    await expect(first).to_contain_text("etl_0000001")
    assert page.url.endswith(f"#/batches/etl?dag_id={dag_id}")


async def test_the_runs_of_several_dags_follow_each_other(site: Site, visit: Visit, dag_id: str) -> None:
    for letter in "abc":
        await site.airflow.add_dag(f"{dag_id}{letter}")
        await add_runs(site, f"{dag_id}{letter}", 40, dag_id)
    await site.airflow.execute("UPDATE dag_run SET state = 'running' WHERE dag_id = ?", [f"{dag_id}b"])
    page = await visit(f"{site.address}/#/batches/{dag_id}")
    table = page.get_by_role("table", name="Runs of the batch")
    for number, counts in ((1, [40, 10, 0]), (2, [0, 30, 20]), (3, [0, 0, 20])):
        await expect(page.get_by_text(f"{sum(counts)} runs on page {number}")).to_be_visible()
        for letter, rows in zip("abc", counts, strict=True):
            await expect(table.get_by_role("row").filter(has_text=f"{dag_id}{letter}")).to_have_count(rows)
        if number < 3:
            await page.get_by_role("button", name="Next").click()
    # There is no next page, so the focus goes on.
    await expect(page.get_by_role("button", name="Previous")).to_be_focused()
    await page.reload()
    await page.get_by_role("button", name="Previous").click()
    await expect(page.get_by_text("50 runs on page 2")).to_be_visible()
    await expect(table.get_by_role("row").filter(has_text=f"{dag_id}b")).to_have_count(30)
    await page.get_by_label("DAG", exact=True).select_option(f"{dag_id}c")
    await expect(page.get_by_text("40 runs", exact=True)).to_be_visible()
    await page.get_by_label("State").select_option("running")
    await expect(page.get_by_text("No runs")).to_be_visible()
    await page.get_by_label("DAG", exact=True).select_option("any")
    await expect(page.get_by_text("40 runs", exact=True)).to_be_visible()
    await page.reload()
    await expect(table.get_by_role("row").filter(has_text=f"{dag_id}b")).to_have_count(40)


async def test_an_unknown_filter_in_the_address_is_none(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 3)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}&state=strange&order=strange")
    await expect(page.get_by_text("3 runs", exact=True)).to_be_visible()
    assert await page.locator("select").evaluate_all("(all) => all.map((each) => each.selectedIndex)") == [0, 0, 0]


async def test_a_long_id_leaves_room_for_the_other_columns(site: Site, visit: Visit, dag_id: str) -> None:
    for each in (dag_id, "W" * 200):
        await site.airflow.add_dag(each)
        await add_runs(site, each, 2, f"{dag_id}_wide")
    page = await visit(f"{site.address}/#/batches/{dag_id}_wide")
    await expect(page.get_by_text("4 runs", exact=True)).to_be_visible()
    inside, seen = await page.get_by_role("region", name="Runs").evaluate("(all) => [all.scrollWidth, all.clientWidth]")
    assert inside == seen
