"""Ids and confs that look like markup, code or addresses: they are shown as text, and their links work."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Site, Visit
from tests.browser.form import choose_now, enter

pytestmark = pytest.mark.asyncio(loop_scope="session")

NASTY = (
    "<script>document.title='owned'</script><img src=x onerror=alert(1)>\"'`${7*7}{{7*7}}",
    "a/b\\c?d=e#f&g;h%2Fi%zz+j k\nl\tm\u202egnp.exe\u200f\u2066ÄÖ 日本 🎉",
    "__proto__",
    "javascript:alert(1)",
)


async def test_a_dag_with_any_name_is_shown_paused_and_run(site: Site, visit: Visit, dag_id: str) -> None:
    page = await visit(f"{site.address}/#/")
    for name in NASTY:
        nasty = f"{dag_id}{name}"
        await site.airflow.add_dag(nasty, full_path=name)
        await page.goto(f"{site.address}/#/nowhere")
        await page.goto(f"{site.address}/#/?search={quote(dag_id)}")
        row = page.get_by_role("row").filter(has=page.get_by_role("switch", name=f"{nasty} is active"))
        link = row.get_by_role("link")
        assert await link.text_content() == nasty
        assert await row.get_by_role("rowheader").locator("small").text_content() == name
        await row.get_by_role("switch").click()
        await expect(row).to_contain_text("paused")
        await link.click()
        await page.get_by_role("button", name="Preview", exact=True).wait_for()
        assert await page.get_by_role("heading", level=1).text_content() == f"DAG {nasty}"
        await choose_now(page)
        await enter(page, "Conf", '{"</textarea><script>": "<img src=x onerror=alert(1)>"}')
        await page.get_by_role("button", name="Preview", exact=True).click()
        await page.get_by_role("button", name="Create 1 run").click()
        await page.get_by_role("link", name="Watch the batch").click()
        await page.get_by_role("row").get_by_role("link").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"Run .+-\d{8}-\d{4}_0000001_"))
        assert await page.locator("dd").get_by_role("link").first.text_content() == nasty
        await site.airflow.execute("DELETE FROM dag WHERE dag_id = ?", [nasty])
    assert await page.title() != "owned"


async def test_a_run_with_any_name_is_found(site: Site, visit: Visit, dag_id: str) -> None:
    await site.airflow.add_dag(dag_id)
    for day, name in enumerate(NASTY, 1):
        await site.airflow.add_run(dag_id, f"{name}_0000001_2017-09-01T00:00:00", datetime(2017, 9, day, tzinfo=UTC))
    page = await visit(f"{site.address}/#/")
    for name in NASTY:
        await page.goto(f"{site.address}/#/batches/{quote(name, safe='')}?dag_id={dag_id}")
        await page.get_by_role("row").get_by_role("link").click()
        await expect(page.get_by_text("Created by")).to_be_visible()
        assert await page.get_by_role("heading", level=1).text_content() == f"Run {name}_0000001_2017-09-01T00:00:00"


async def test_an_id_that_no_browser_can_request_is_reported(site: Site, visit: Visit) -> None:
    page = await visit(f"{site.address}/#/runs/..")
    await expect(page.get_by_role("alert").filter(has_text="A browser cannot request")).to_be_visible()
