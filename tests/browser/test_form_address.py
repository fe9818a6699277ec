"""The form survives going back and reloading: it is in the address, and its conf in this tab."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import choose_now, enter, fill, preview
from tests.databases.worlds import serialized

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_form_survives_a_reload(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03", "mine")
    await page.get_by_label("Exact times").check()
    await page.get_by_label("From time (UTC)").fill("10:20")
    await page.get_by_label("Active at once").fill("3")
    await page.get_by_label("Order").select_option("newest first")
    await enter(page, "Conf", '{"secret": "x1y2"}')
    await page.reload()
    await expect(page.get_by_label("From", exact=True)).to_have_value("2017-09-01")
    await expect(page.get_by_label("Exact times")).to_be_checked()
    await expect(page.get_by_label("From time (UTC)")).to_have_value("10:20")
    await expect(page.get_by_label("To (included)")).to_have_value("2017-09-03")
    await expect(page.get_by_label("To time (UTC)")).to_have_value("")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("mine")
    await expect(page.get_by_label("Active at once")).to_have_value("3")
    await expect(page.get_by_label("Order")).to_have_value("newest")
    await expect(page.get_by_label("Conf")).to_be_visible()
    await expect(page.get_by_label("Conf")).to_have_value('{"secret": "x1y2"}')
    assert "x1y2" not in page.url
    assert "secret" not in page.url


async def test_an_empty_limit_survives_a_reload(native_site: Site, visit: Visit, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    page = await visit(f"{native_site.address}/#/dags/{dag_id}")
    await page.get_by_label("Active at once").fill("")
    await page.reload()
    await expect(page.get_by_label("Active at once")).to_have_value("")
    await page.get_by_label("Active at once").fill("10")
    # What a form has anyway is not in the address.
    await expect(page).to_have_url(f"{native_site.address}/#/dags/{dag_id}")


async def test_going_back_from_the_batch_leads_to_the_form(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await fill(page, "2017-09-01", "2017-09-03")
    await preview(page)
    await page.get_by_role("button", name="Create 3 runs").click()
    await page.get_by_role("link", name="Watch the batch").click()
    await expect(page.get_by_text("0 of 3 runs ended")).to_be_visible()
    await page.go_back()
    await expect(page.get_by_label("To (included)")).to_have_value("2017-09-03")


async def test_the_conf_of_another_dag_is_another(site: Site, visit: Visit, dag_id: str) -> None:
    for each in (dag_id, f"{dag_id}_b"):
        await site.airflow.add_dag(each, serialized=serialized(None))
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await enter(page, "Conf", '{"a": 1}')
    await expect(page.get_by_text("Conf (set)")).to_be_visible()
    await page.goto(f"{site.address}/#/dags/{dag_id}_b")
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"DAG {dag_id}_b")
    await expect(page.get_by_text("Conf (optional)")).to_be_visible()
    await expect(page.get_by_label("Conf")).to_have_value("")


async def test_the_kind_of_runs_survives_a_reload(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await choose_now(page)
    await page.reload()
    await expect(page.get_by_label("One run now")).to_be_checked()
    # A kind that this DAG does not offer.
    await page.goto(f"{site.address}/#/nowhere")
    await page.goto(f"{site.address}/#/dags/{dag_id}?kind=moment&from=nonsense&shown=x")
    await expect(page.get_by_label("A range of dates")).to_be_checked()
    await expect(page.get_by_label("From", exact=True)).to_have_value("")


async def test_a_full_history_keeps_no_old_preview(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    page = await visit(f"{site.address}/#/dags/{dag_id}")
    await choose_now(page)
    await preview(page)
    create = page.get_by_role("button", name="Create 1 run")
    await create.wait_for()
    # So Safari does after a hundred writes.
    await page.evaluate(
        """() => history.replaceState = () => {
            window.refused = true;
            throw new DOMException("too often", "SecurityError");
        }"""
    )
    await enter(page, "Conf", "{}")
    await expect(create).to_have_count(0)
    # Conf is not in the address, so nothing was written.
    assert await page.evaluate("window.refused") is None
    await preview(page)
    await create.wait_for()
    await page.get_by_label("Name", exact=True).fill("mine")
    await expect(create).to_have_count(0)
    assert await page.evaluate("window.refused")
