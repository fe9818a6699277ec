"""The links to Airflow's own pages, opened where each generation of Airflow has them."""

from __future__ import annotations

import asyncio
import re
import urllib.request
from collections.abc import Callable
from datetime import date
from html import unescape

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import launched, program

from .dagfiles import SHOWN
from .deployment import Deployment
from .expectations import days, run_ids, window
from .installation import Installation
from .places import FIRST_POSTGRESQL, NEWEST_POSTGRESQL, SECOND_POSTGRESQL, at
from .releases import AIRFLOW_1, Release
from .service import Service
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

TICKS = days(date(2024, 2, 1), 30)
"""More than a page of Airflow shows at once, so that the first one is not among those that it shows unasked."""

OLDEST = run_ids("shown", TICKS)[0]

PATIENCE = 60_000.0
"""Milliseconds that a page of Airflow may take on a busy machine."""

SELECTED = re.compile(r'<option selected value="([^"]*)">([^<]*)</option>')
"""What the page of a run of Airflow 1.10 has in its list of runs."""

TAG = re.compile("<[^>]*>")


@at(SECOND_POSTGRESQL, *NEWEST_POSTGRESQL)
def test_the_link_of_an_old_run_opens_its_page(site: Site) -> None:
    chromium = program()
    if chromium is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    asyncio.run(open_both(chromium, site.airflow.release.major, *links(site.airflow)))


@at(FIRST_POSTGRESQL)
@pytest.mark.parametrize(("rbac", "below"), [(False, "/admin"), (True, "")], ids=["admin", "rbac"])
def test_it_does_so_in_both_interfaces_of_airflow_1(
    site: Site, installed: Callable[[Release], Installation], rbac: bool, below: str
) -> None:
    of = site.airflow
    airflow = Deployment(installed(AIRFLOW_1), of.database, of.home, of.processes, (("WEBSERVER", "RBAC", rbac),))
    airflow.start_webserver()
    airflow.until("Airflow's page answers", lambda: is_there(airflow), 90)
    airflow.until("the DAG has its scheduled run", lambda: airflow.states(SHOWN), 90)

    dag, run = links(airflow, below)

    assert f"DAG: {SHOWN} " in " ".join(TAG.sub(" ", text_of(dag)).split())
    chosen = [(unescape(value), run_id) for value, run_id in SELECTED.findall(text_of(run))]
    assert (TICKS[0].at.isoformat(), OLDEST) in chosen


def links(airflow: Deployment, below: str = "") -> tuple[str, str]:
    """Return the links that the service has for a DAG, and for the oldest run of a batch of it."""
    address = f"http://127.0.0.1:{airflow.port}{below}/"
    service = Service.start(airflow.processes, airflow.database.url, "--airflow-url", address)
    service.created(dag_id=SHOWN, prefix="shown", **window(TICKS))
    run = service.get(f"dag_runs/{OLDEST}", dag_id=SHOWN)["dag_run"]
    return service.get(f"dags/{SHOWN}")["dag"]["airflow_url"], run["airflow_url"]


async def open_both(chromium: str, major: int, dag: str, run: str) -> None:
    """Open the pages in a browser, and look for what only they show."""
    async with launched(chromium) as browser:
        page = await browser.new_page()
        await page.goto(dag)
        await expect(page).to_have_title(f"{SHOWN} - Grid - Airflow" if major == 2 else f"{SHOWN} - Airflow")
        await page.goto(run)
        await expect(run_on(page, major)).to_be_visible(timeout=PATIENCE)
        # A page of a run that does not exist tells nothing of the kind.
        await page.goto(run.replace("0000001", "0009999"))
        await page.wait_for_load_state("networkidle")
        await expect(run_on(page, major)).not_to_be_visible()


def run_on(page: Page, major: int) -> Locator:
    """Return what tells of the run on its page: a row with its id, or its date below the heading."""
    if major == 2:
        return page.locator("tr", has_text="Run ID").filter(has_text=OLDEST)
    return page.get_by_text(f"{TICKS[0].at:%Y-%m-%d %H:%M:%S}", exact=True).first


def is_there(airflow: Deployment) -> bool:
    """Return whether the front page answers."""
    try:
        return bool(text_of(f"http://127.0.0.1:{airflow.port}/"))
    except OSError:
        return False


def text_of(address: str) -> str:
    """Return the HTML of a page that answers with 200."""
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  # http
        assert answer.status == 200
        return str(answer.read().decode())
