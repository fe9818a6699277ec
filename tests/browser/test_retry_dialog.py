"""The page of a batch with failed runs: what a retry would do, and what it does."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from playwright.async_api import Page, Route, expect

from dagrun_api.batches.retry_warnings import retry_warnings
from dagrun_api.model import Cleared
from tests.browser.batch import fail_after_a_portion
from tests.browser.conftest import Site, Visit
from tests.browser.scheduling import FIRST, add_runs, move

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def add_failed(site: Site, dag_id: str, number: int, *, prefix: str = "etl", started: int = 0) -> None:
    """Add a batch of a new DAG whose runs have failed; the first ones had started."""
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, number, prefix)
    await site.airflow.execute("UPDATE dag_run SET state = 'failed' WHERE dag_id = ?", [dag_id])
    for place in range(started):
        date = FIRST + timedelta(days=place)
        await site.airflow.add_task_instance(dag_id, f"{prefix}_{place + 1:07d}_{date:%Y-%m-%dT%H:%M:%S}", date)


async def answer_retries(page: Page, *answers: dict[str, object]) -> list[str]:
    """Answer retries as a service does that lets Airflow clear runs; return the list that gets their queries."""
    left = list(answers)
    queries: list[str] = []

    async def answer(route: Route) -> None:
        queries.append(route.request.url.partition("?")[2])
        usual: dict[str, object] = {"requeued": 0, "cleared": 0, "left": 0, "truncated": False, "warnings": []}
        await route.fulfill(body=json.dumps({"response": {**usual, **left.pop(0)}}), content_type="application/json")

    await page.route("**/retry?*", answer)
    return queries


async def test_failed_runs_that_never_started_are_queued_again(site: Site, visit: Visit, dag_id: str) -> None:
    await add_failed(site, dag_id, 3, started=1)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(page.get_by_text("All 3 runs have ended: 3 failed")).to_be_visible()
    retry = page.get_by_role("button", name="Retry failed runs…", exact=True)
    await retry.click()
    dialog = page.get_by_role("dialog", name="Retry 3 failed runs?")
    await expect(dialog.get_by_role("status")).to_contain_text("2 runs never started and will be queued again.")
    await expect(dialog).to_contain_text("1 run will stay failed.")
    await expect(dialog.get_by_role("list", name="Warnings")).to_contain_text("clear them on Airflow's page.")
    await expect(dialog.get_by_role("button", name="Leave them")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(retry).to_be_focused()
    assert {run["state"] for run in await site.airflow.runs_of(dag_id)} == {"failed"}
    await retry.click()
    await dialog.get_by_role("button", name="Retry runs").click()
    await expect(page.get_by_text("2 runs queued again. 1 run stays failed.")).to_be_visible()
    await expect(dialog).to_be_hidden()
    # At once, although the page looks rarely after the end.
    await expect(page.get_by_role("img", name="failed: 1, queued: 2")).to_be_visible(timeout=1500)
    await expect(page.get_by_role("button", name="Cancel runs that have not started")).to_be_visible()
    await move(site, dag_id, "success", "__")
    await page.clock.fast_forward("00:20")
    await expect(page.get_by_text("All 3 runs have ended: 3 succeeded.")).to_be_visible()
    await expect(retry).to_be_hidden()


async def test_a_batch_without_failed_runs_has_no_retry(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    await add_runs(site, dag_id, 2)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await expect(page.get_by_role("button", name="Cancel runs")).to_be_visible()
    await expect(page.get_by_role("button", name="Retry failed runs")).to_be_hidden()


async def test_what_nobody_can_retry_is_only_explained(site: Site, visit: Visit, dag_id: str) -> None:
    await add_failed(site, dag_id, 1, started=1)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await page.get_by_role("button", name="Retry failed runs").click()
    dialog = page.get_by_role("dialog", name="Retry 1 failed run?")
    await expect(dialog).to_contain_text("1 run will stay failed.")
    await expect(dialog.get_by_role("button", name="Retry runs")).to_be_disabled()
    await dialog.get_by_role("button", name="Leave them").click()
    await expect(dialog).to_be_hidden()


async def test_a_retry_in_several_dags_says_so(site: Site, visit: Visit, dag_id: str) -> None:
    for letter in "ab":
        await add_failed(site, f"{dag_id}{letter}", 2, prefix=dag_id)
    page = await visit(f"{site.address}/#/batches/{dag_id}")
    await page.get_by_role("button", name="Retry failed runs in both DAGs…").click()
    dialog = page.get_by_role("dialog", name="Retry 4 failed runs in both DAGs?")
    await dialog.get_by_role("button", name="Retry runs").click()
    await expect(page.get_by_text("4 runs queued again")).to_be_visible()
    await expect(page.get_by_role("img", name="queued: 4")).to_be_visible()


async def test_a_retry_goes_on_until_no_run_is_left_out(site: Site, visit: Visit, dag_id: str) -> None:
    await add_failed(site, dag_id, 3)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    (held,) = retry_warnings(Cleared([]), obstacle=None, api=None, is_stuck=False, locked=1, is_paused=False)
    first: dict[str, object] = {"requeued": 9, "cleared": 500, "left": 701, "truncated": True}
    queries = await answer_retries(
        page,
        first,
        first,
        {"cleared": 500, "left": 201, "truncated": True},
        {"cleared": 200, "left": 1, "warnings": [held]},
    )
    await page.get_by_role("button", name="Retry failed runs").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("listitem")).to_have_text(
        [
            "9 runs never started and will be queued again.",
            "500 runs will be cleared by Airflow, so that the failed tasks run again.",
            "701 other runs will be looked at after that, a portion at a time.",
        ]
    )
    await dialog.get_by_role("button", name="Retry runs").click()
    done = "9 runs queued again, 1,200 cleared by Airflow to run again. 1 run stays failed."
    await expect(page.get_by_text(done)).to_be_visible()
    await expect(page.get_by_text(held)).to_be_visible()
    assert queries == [f"dag_id={dag_id}&dry_run=true"] + 3 * [f"dag_id={dag_id}"]


async def test_a_retry_with_an_unknown_end_can_be_repeated(site: Site, visit: Visit, dag_id: str) -> None:
    await add_failed(site, dag_id, 2)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await page.get_by_role("button", name="Retry failed runs").click()
    retry = page.get_by_role("dialog").get_by_role("button", name="Retry runs")
    await expect(retry).to_be_enabled()
    await page.route("**/retry?*", lambda route: route.abort())
    await retry.click()
    await expect(page.get_by_role("alert").filter(has_text="It is safe to retry again.")).to_be_visible()
    await page.unroute("**/retry?*")
    await retry.click()
    await expect(page.get_by_text("2 runs queued again")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_a_retry_that_fails_is_told_on_the_page(site: Site, visit: Visit, dag_id: str) -> None:
    await add_failed(site, dag_id, 12)
    page = await visit(f"{site.address}/#/batches/etl?dag_id={dag_id}")
    await page.get_by_role("button", name="Retry failed runs").click()
    await expect(page.get_by_role("dialog")).to_contain_text("12 runs never started")
    await fail_after_a_portion(
        page, "**/retry?*", {"requeued": 5, "cleared": 0, "left": 7, "truncated": True, "warnings": []}
    )
    await page.get_by_role("button", name="Retry runs", exact=True).click()
    outcome = page.get_by_role("status").filter(has_text="5 runs queued again. The database is locked.")
    await expect(outcome).to_contain_text("It is safe to retry again.")
