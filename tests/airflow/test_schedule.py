"""Airflow's own schedule, which our batches must neither stop nor bend."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from .dagfiles import AHEAD, AHEAD_DAYS, AHEAD_FIRST, BATCH, TICKER
from .expectations import days, run_ids, wait_for, window
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]


def test_other_dags_go_on_being_scheduled(site: Site) -> None:
    pid = site.scheduler.pid
    ticks = days(date(2024, 8, 1), 10)
    known = site.airflow.states(TICKER).keys()

    site.service.created(dag_id=BATCH, prefix="beside", **window(ticks))
    wait_for(site, BATCH, run_ids("beside", ticks))

    site.airflow.until(
        "two new scheduled runs are success",
        lambda: (
            sum(
                state == "success" and run_id.startswith("scheduled__") and run_id not in known
                for run_id, state in site.airflow.states(TICKER).items()
            )
            >= 2
        ),
        60,
        lambda: str(site.airflow.states(TICKER)),
    )
    heartbeat = site.airflow.scheduler_heartbeat()
    assert site.scheduler.alive
    assert site.scheduler.pid == pid
    assert datetime.now(UTC) - heartbeat < timedelta(seconds=30)


def test_a_batch_ahead_of_the_schedule_leaves_it_whole(site: Site) -> None:
    first = AHEAD_FIRST + timedelta(days=4)
    taken = [f"ahead_{n:07}_{first + timedelta(days=n - 1):%Y-%m-%dT%H:%M:%S}" for n in (1, 2, 3)]
    dates = {"start_date": f"{first:%Y-%m-%d}", "end_date": f"{first + timedelta(days=2):%Y-%m-%d}"}
    assert site.service.created(dag_id=AHEAD, prefix="ahead", **dates)["dag_run_ids"] == taken

    site.service.post(f"dags/{AHEAD}/paused/false")

    site.airflow.until(
        "every day of the DAG has a run and all are success",
        lambda: list(site.airflow.states(AHEAD).values()) == ["success"] * AHEAD_DAYS,
        90,
        lambda: str(site.airflow.states(AHEAD)),
    )
    column = site.airflow.release.date_column
    runs = site.airflow.rows(f"SELECT {column}, run_id FROM dag_run WHERE dag_id = $1 ORDER BY 1", AHEAD)
    seen = [str(at)[:10] for at, _ in runs]
    assert seen == [f"{AHEAD_FIRST + timedelta(days=n):%Y-%m-%d}" for n in range(AHEAD_DAYS)]
    assert [str(run_id) for _, run_id in runs][4:7] == taken
    assert all(str(run_id).startswith("scheduled__") for _, run_id in [*runs[:4], *runs[7:]])
