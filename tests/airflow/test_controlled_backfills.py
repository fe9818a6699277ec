"""A native backfill that is paused, continued, cancelled and added to, by our service and by Airflow's own API."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import pytest

from .dagfiles import CONTROLLED, STUCK
from .expectations import days, run_ids, wait_for, window
from .places import AT_3_4, NEWEST_SQLITE, THIRD_POSTGRESQL, at
from .sites import Site

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.timeout(600),
    at(THIRD_POSTGRESQL, NEWEST_SQLITE[0], AT_3_4),
]

RUNS = 20
SOME_LOOPS = 4
"""Seconds in which the scheduler looks for queued runs several times."""


def test_airflow_and_our_service_pause_the_same_backfill(site: Site) -> None:
    backfill = _created(site, "paused", date(2024, 2, 1))

    _pause(site, "paused", True)
    assert _of_airflow(site, backfill)["is_paused"] is True
    _stands_still(site, "paused")
    site.airflow.call("PUT", f"backfills/{backfill}/unpause")
    assert _progress(site, "paused")["is_paused"] is False
    _goes_on(site, "paused")

    site.airflow.call("PUT", f"backfills/{backfill}/pause")
    assert _progress(site, "paused")["is_paused"] is True
    _stands_still(site, "paused")
    _pause(site, "paused", False)
    wait_for(site, CONTROLLED, run_ids("paused", days(date(2024, 2, 1), RUNS)))
    _is_completed(site, backfill)


def test_a_cancelled_backfill_is_complete_and_takes_further_runs(site: Site) -> None:
    ticks = days(date(2024, 4, 1), RUNS + 3)
    ours = run_ids("ended", ticks)
    backfill = _created(site, "ended", date(2024, 4, 1))

    assert site.service.post("batches/ended/cancel")["cancelled"] > 0

    _is_completed(site, backfill)
    assert _of_airflow(site, backfill)["is_paused"] is False
    _joins(site, backfill, "ended", ours[RUNS:], window(ticks))


def test_one_that_airflow_cancelled_takes_further_runs(site: Site) -> None:
    ticks = days(date(2024, 6, 1), RUNS + 3)
    ours = run_ids("dropped", ticks)
    backfill = _created(site, "dropped", date(2024, 6, 1))

    site.airflow.call("PUT", f"backfills/{backfill}/cancel")

    site.airflow.until("no run is active", lambda: not _active(site, "dropped"), 60)
    assert _progress(site, "dropped")["states"]["failed"] > 0
    _joins(site, backfill, "dropped", ours[RUNS:], window(ticks))


def test_its_first_run_does_not_wait_for_the_past(site: Site) -> None:
    ticks = days(date(2025, 2, 1), 4)
    site.service.post(f"dags/{STUCK}/paused/true")
    site.service.created(dag_id=STUCK, prefix="before", **window(ticks[:1]))
    site.service.post("batches/before/cancel")
    site.service.post(f"dags/{STUCK}/paused/false")

    site.service.created(dag_id=STUCK, prefix="after", max_active_runs=2, **window(ticks[1:]))

    wait_for(site, STUCK, run_ids("after", ticks[1:]))


def _created(site: Site, prefix: str, first: date) -> int:
    """Create a backfill that runs one run at a time, and return its number once some are over."""
    answer = site.service.created(dag_id=CONTROLLED, prefix=prefix, max_active_runs=1, **window(days(first, RUNS)))
    assert len(answer["dag_run_ids"]) == RUNS
    assert any("refuses to create another" in warning for warning in answer["warnings"])
    _goes_on(site, prefix)
    return int(answer["backfill_id"])


def _joins(site: Site, backfill: int, prefix: str, expected: list[str], dates: dict[str, str]) -> None:
    answer = site.service.created(dag_id=CONTROLLED, prefix=prefix, **dates)
    assert (answer["dag_run_ids"], answer["backfill_id"]) == (expected, backfill)
    wait_for(site, CONTROLLED, expected)


def _pause(site: Site, prefix: str, paused: bool) -> None:
    site.service.post(f"batches/{prefix}/paused/{str(paused).lower()}")


def _goes_on(site: Site, prefix: str) -> None:
    known = _over(site, prefix)
    site.airflow.until("two more runs are over", lambda: _over(site, prefix) >= known + 2, 60, pause=0.1)


def _stands_still(site: Site, prefix: str) -> None:
    site.airflow.until("no run is running", lambda: "running" not in _progress(site, prefix)["states"], 60)
    known = _progress(site, prefix)["states"]
    assert known["queued"] > 0
    time.sleep(SOME_LOOPS)
    assert _progress(site, prefix)["states"] == known


def _is_completed(site: Site, backfill: int) -> None:
    site.airflow.until("it is completed", lambda: _of_airflow(site, backfill)["completed_at"], 60)


def _of_airflow(site: Site, backfill: int) -> dict[str, Any]:
    return dict(site.airflow.get(f"backfills/{backfill}"))


def _progress(site: Site, prefix: str) -> dict[str, Any]:
    return dict(site.service.get(f"batches/{prefix}"))


def _over(site: Site, prefix: str) -> int:
    return int(_progress(site, prefix)["states"].get("success", 0))


def _active(site: Site, prefix: str) -> bool:
    return bool({"queued", "running"} & _progress(site, prefix)["states"].keys())
