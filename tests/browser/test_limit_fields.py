"""The form where a batch can have a limit of its own, and where it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Site, Visit, serving
from tests.browser.form import choose_now, preview, recorded
from tests.browser.form import fill as fill_range
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def fill(page: Page, name: str = "etl") -> None:
    await fill_range(page, "2017-09-01", "2017-09-03", name)


async def create_single(page: Page, name: str) -> None:
    """Create an ordinary run with this name."""
    await choose_now(page)
    await page.get_by_label("Name", exact=True).fill(name)
    await preview(page)
    await page.get_by_role("button", name="Create 1 run").click()
    await page.get_by_role("heading", name="1 run created").wait_for()
    await page.get_by_text("A range of dates", exact=True).click()


@pytest.mark.parametrize(("most", "filled_in"), [(None, "10"), (16, "10"), (4, "4")])
async def test_the_limit_is_that_of_airflow_or_of_the_dag(
    native_site: Site, visit: Visit, dag_id: str, most: int | None, filled_in: str
) -> None:
    more = {} if most is None else {"_max_active_runs": most, "max_active_runs": most}
    await native_site.airflow.add_dag(dag_id, serialized=serialized(**more))
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    await expect(page.get_by_label("Active at once")).to_have_value(filled_in)
    await expect(page.get_by_label("Order")).to_have_value("")


async def test_a_window_is_previewed_and_created_with_its_limit(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    bodies = recorded(page)
    await fill(page)
    await page.get_by_label("Active at once").fill("2")
    await page.get_by_label("Order").select_option("newest first")
    await preview(page)
    await expect(
        page.get_by_text("At most 2 of them are active at once, the newest first. Scheduled runs do not wait for them.")
    ).to_be_visible()
    await page.get_by_role("button", name="Create 3 runs").click()
    await page.get_by_role("link", name="Watch the batch").click()
    await expect(page.get_by_text("At most 2 at once.")).to_be_visible()
    planned, created = bodies
    assert planned == {**created, "dry_run": True}
    assert (created["max_active_runs"], created["run_backwards"]) == ("2", "true")
    assert {run["run_type"] for run in await native_site.airflow.runs_of(dag_id)} == {"backfill"}


async def test_without_a_limit_it_is_an_ordinary_batch(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    await fill(page)
    await page.get_by_label("Order").select_option("newest first")
    await page.get_by_label("Active at once").fill("")
    await expect(page.get_by_label("Order")).to_be_disabled()
    await expect(page.get_by_text("No limit: until they have ended")).to_be_visible()
    await preview(page)
    await page.get_by_role("button", name="Create 3 runs").click()
    await page.get_by_role("heading", name="3 runs created").wait_for()
    assert {run["run_type"] for run in await native_site.airflow.runs_of(dag_id)} == {"manual"}
    await page.get_by_label("Active at once").fill("1")
    await expect(page.get_by_label("Order")).to_be_enabled()


async def test_a_run_at_this_moment_has_no_limit(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    bodies = recorded(page)
    await choose_now(page)
    await expect(page.get_by_label("Active at once")).to_be_hidden()
    await preview(page)
    await page.get_by_role("button", name="Create 1 run").click()
    await page.get_by_role("heading", name="1 run created").wait_for()
    assert len(bodies) == 2
    assert [name for body in bodies for name in body if name in ("max_active_runs", "run_backwards")] == []


async def test_a_name_of_ordinary_runs_is_offered_without_a_limit(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    await create_single(page, "manual")
    await fill(page, "manual")
    await preview(page)
    await expect(
        page.get_by_role("alert").filter(has_text="Runs with this name exist, and they have no limit of their own")
    ).to_be_visible()
    await page.get_by_role("button", name="Preview without a limit").click()
    await expect(page.get_by_role("heading", name="3 runs would be created")).to_be_focused()
    await expect(page.get_by_label("Active at once")).to_have_value("")
    await expect(page.get_by_label("Order")).to_be_disabled()
    await page.get_by_role("button", name="Create 3 runs").click()
    await expect(page.get_by_role("heading", name="3 runs created")).to_be_visible()


async def test_a_limit_that_a_dag_cannot_have_is_left_out(tmp_path: Path, visit: Visit) -> None:
    async with serving("3.3.2", tmp_path) as site:
        await site.airflow.add_dag("a")
        await site.airflow.update_dag("a", {"allowed_run_types": '["manual"]'})
        page = await visit(f"{site.address}/#/dags/a")
        await fill(page)
        await preview(page)
        await page.get_by_role("button", name="Preview without a limit").click()
        await page.get_by_role("button", name="Create 3 runs").click()
        await expect(page.get_by_role("heading", name="3 runs created")).to_be_visible()


async def test_a_chosen_limit_is_not_left_out(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    await create_single(page, "manual")
    await fill(page, "manual")
    await page.get_by_label("Active at once").fill("3")
    await preview(page)
    name = page.get_by_label("Name", exact=True)
    await expect(name).to_be_focused()
    await expect(page.get_by_text("Choose another name, or leave “Active at once” empty.")).to_be_visible()
    await expect(page.get_by_role("button", name="Preview without a limit")).to_have_count(0)


async def test_a_dag_without_a_schedule_has_no_limit(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id, serialized=serialized(None))
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    await page.get_by_label("Name", exact=True).wait_for()
    await expect(page.get_by_label("Active at once")).to_have_count(0)


async def test_an_airflow_without_backfills_has_no_limit(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await site.airflow.update_dag(dag_id, {"max_active_runs": 2})
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page)
    await expect(page.get_by_label("Active at once")).to_have_count(0)
    await expect(page.get_by_label("Order")).to_have_count(0)
    await preview(page)
    # The service says what to do instead.
    await expect(page.get_by_role("list", name="Warnings")).to_contain_text("--max-active-runs N")
    await page.get_by_role("button", name="Create 3 runs").click()
    await expect(page.get_by_role("heading", name="3 runs created")).to_be_visible()
