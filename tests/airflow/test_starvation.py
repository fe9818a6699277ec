"""Native backfills where many runs are running: the schedulers of 3.0 to 3.3 do not look at them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date

import pytest

from .dagfiles import STARVED, STUCK
from .expectations import days, run_ids, wait_for, window
from .places import AT_3_4, NEWEST_POSTGRESQL, THIRD_POSTGRESQL, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

CROWD = 28
"""More running runs than such a scheduler looks at in a round."""
LONG_ENOUGH = 20
"""Seconds in which the backfill would have ended otherwise."""

TICKS = days(date(2024, 5, 1), 5)
STAND_STILL = "may stand still"


@pytest.fixture
def crowd(site: Site) -> Iterator[None]:
    """As many runs that are running and do not end: each waits for the one before, and the first was cancelled."""
    ticks = days(date(2024, 3, 1), 1 + CROWD)
    site.service.post(f"dags/{STUCK}/paused/true")
    site.service.created(dag_id=STUCK, prefix="stuck", **window(ticks[:1]))
    site.service.post("batches/stuck/cancel")
    site.service.post(f"dags/{STUCK}/paused/false")
    site.service.created(dag_id=STUCK, prefix="stuck", **window(ticks))
    site.airflow.until("they run", lambda: _states(site, "stuck").get("running") == CROWD, 60)
    yield
    _disperse(site)


@pytest.mark.usefixtures("crowd")
@at(THIRD_POSTGRESQL, NEWEST_POSTGRESQL[0])
def test_up_to_3_3_it_stands_still_and_ordinary_runs_do_not(site: Site) -> None:
    answer = site.service.created(dag_id=STARVED, prefix="starved", max_active_runs=2, **window(TICKS))
    assert any(STAND_STILL in warning for warning in answer["warnings"]), answer["warnings"]

    more = days(date(2024, 6, 1), 5)
    ordinary = site.service.created(dag_id=STARVED, prefix="ordinary", **window(more))
    assert not any(STAND_STILL in warning for warning in ordinary["warnings"])
    wait_for(site, STARVED, run_ids("ordinary", more))
    time.sleep(LONG_ENOUGH)
    assert _states(site, "starved") == {"running": 2, "queued": 3}

    _disperse(site)
    wait_for(site, STARVED, run_ids("starved", TICKS))


@pytest.mark.usefixtures("crowd")
@at(AT_3_4)
def test_since_3_4_it_goes_on(site: Site) -> None:
    answer = site.service.created(dag_id=STARVED, prefix="starved", max_active_runs=2, **window(TICKS))
    assert not any(STAND_STILL in warning for warning in answer["warnings"])
    wait_for(site, STARVED, run_ids("starved", TICKS), deadline=60)


def _disperse(site: Site) -> None:
    """End the crowd."""
    site.airflow.rows("UPDATE dag_run SET state = 'failed', end_date = now() WHERE dag_id = $1", STUCK)


def _states(site: Site, prefix: str) -> dict[str, int]:
    return dict(site.service.get(f"batches/{prefix}")["states"])
