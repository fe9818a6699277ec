"""The way of a newcomer through the page, in Firefox: the page uses nothing that only Chromium has."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.conftest import Site
from tests.browser.firefox import Firefox, launched, program

pytestmark = pytest.mark.asyncio(loop_scope="session")

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
ENTER, SPACE, LEFT = "\ue007", " ", "\ue012"


@pytest_asyncio.fixture(loop_scope="session", params=["light", "dark"])
async def firefox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[Firefox]:
    """Run Firefox; without it the tests are skipped, and on CI they fail."""
    path = program()
    if path is None and os.environ.get("CI") == "true":
        pytest.fail("Firefox is not installed, and CI must not skip these tests: apt-get install firefox-esr")
    if path is None:
        pytest.skip("Firefox is not installed: apt-get install firefox-esr")
    async with launched(path, tmp_path / "profile", is_dark=request.param == "dark") as firefox:
        yield firefox
        assert firefox.complaints == []


async def text(firefox: Firefox, selector: str, wanted: str) -> None:
    """Wait until an element holds a text."""
    await firefox.until(f"document.querySelector({selector!r})?.innerText.includes({wanted!r})")


async def test_firefox_finds_a_gap_fills_it_and_watches(native_site: Site, firefox: Firefox, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    gap = range(20, 25)
    for days in range(3, 90):
        if days not in gap:
            date = TODAY - timedelta(days=days)
            await native_site.airflow.add_run(dag_id, f"run_{days}", date)
    await firefox.open(f"{native_site.address}/#/")
    await firefox.until("document.querySelector('main table') !== null")
    await firefox.evaluate("void (document.querySelector('input[type=search]').focus())")
    await firefox.press(*dag_id)
    await firefox.click("link", dag_id)
    await text(firefox, "h1", f"DAG {dag_id}")
    first, last = (TODAY - timedelta(days=days) for days in (24, 20))
    cells = [
        await firefox.find("gridcell", f"{date:%a} {date.day} {date:%b %Y}: missing".replace("Sep ", "Sept "))
        for date in (first, last)
    ]
    await firefox.drag(*cells)
    assert await firefox.until("document.querySelector('[name=from]').value") == f"{first:%Y-%m-%d}"
    assert await firefox.evaluate("document.querySelector('[name=to]').value") == f"{last:%Y-%m-%d}"
    await firefox.click("button", "Preview")
    await firefox.click("button", "Create 5 runs")
    await firefox.until("[...document.querySelectorAll('a')].some((a) => a.innerText.startsWith('Watch the batch'))")
    assert await firefox.evaluate("document.activeElement.innerText.startsWith('Watch the batch')")
    await firefox.press(ENTER)
    await text(firefox, "main", "0 of 5 runs ended")
    assert len(await native_site.airflow.runs_of(dag_id)) == 87


async def test_firefox_breaks_no_page_on_a_phone(native_site: Site, firefox: Firefox, dag_id: str) -> None:
    await native_site.airflow.add_dag(dag_id)
    await native_site.airflow.add_run(dag_id, "etl_0000001_2017-09-01T12:00:00", datetime(2017, 9, 1, 12, tzinfo=UTC))
    views = ("", f"dags/{dag_id}", "batches", "batches/etl", f"runs/etl_0000001_2017-09-01T12:00:00?dag_id={dag_id}")
    for address in [*(f"#/{view}" for view in views), "reference"]:
        await firefox.open(f"{native_site.address}/{address}", width=360)
        await firefox.until("document.querySelector('main h2, main h3')?.checkVisibility()")
        # The scroll bar has a width of its own.
        assert await firefox.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
            address
        )
