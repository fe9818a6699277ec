"""Airflow 1.10, whose scheduler a run on a date that it has not reached itself would stop for good."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from .dagfiles import AHEAD, AHEAD_DAYS, BATCH, BUSY, CAUGHT_UP_FROM, TICKER
from .expectations import run_id, wait_for
from .places import FIRST_POSTGRESQL, FIRST_SQLITE, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

CONF: dict[str, object] = {"table": "orders", "nested": {"días": [1, 2.5, None]}}


@at(FIRST_POSTGRESQL, FIRST_SQLITE)
def test_dates_that_the_schedule_has_not_reached_are_left_to_it(site: Site) -> None:
    reached = _scheduled(site, BATCH)[-1]

    answer = site.service.created(
        dag_id=BATCH,
        prefix="beyond",
        start_date=f"{reached - timedelta(days=1):%Y-%m-%dT%H:%M:%S}",
        end_date=f"{reached + timedelta(days=2):%Y-%m-%dT%H:%M:%S}",
    )

    dates = [datetime.fromisoformat(run_id.rpartition("_")[2]) for run_id in answer["dag_run_ids"]]
    assert len(dates) == 1
    assert dates[0] < reached.replace(tzinfo=None)
    assert any("not due" in warning or "ahead of the schedule" in warning for warning in answer["warnings"])
    wait_for(site, BATCH, answer["dag_run_ids"])


@at(FIRST_POSTGRESQL)
def test_a_schedule_that_has_not_begun_stays_whole(site: Site) -> None:
    dates = [CAUGHT_UP_FROM + timedelta(days=n) for n in range(AHEAD_DAYS)]
    window = {"start_date": f"{dates[3]:%Y-%m-%d}", "end_date": f"{dates[5]:%Y-%m-%d}"}
    answer = site.service.create(dag_id=AHEAD, prefix="ahead", **window)
    assert answer.status == 400
    assert "has not begun" in answer.body["response"]["error"]
    ticked = len(site.airflow.states(TICKER))

    site.airflow.unpause(AHEAD)

    scheduled = [f"scheduled__{date:%Y-%m-%dT%H:%M:%S}+00:00" for date in dates]
    site.airflow.until(
        "every day of the DAG has its scheduled run, a success",
        lambda: site.airflow.states(AHEAD) == dict.fromkeys(scheduled, "success"),
        180,
        lambda: str(site.airflow.states(AHEAD)),
    )
    assert site.service.created(dag_id=AHEAD, prefix="ahead", **window)["skipped_dag_run_ids"] == scheduled[3:6]
    site.airflow.until("the other DAGs of the file go on", lambda: len(site.airflow.states(TICKER)) >= ticked + 2, 90)
    assert datetime.now(UTC) - site.airflow.scheduler_heartbeat() < timedelta(seconds=30)


@at(FIRST_POSTGRESQL)
def test_a_run_now_is_ahead_of_no_schedule(site: Site) -> None:
    before = datetime.now(UTC)
    answer = site.service.created(dag_id=BATCH, prefix="now", conf=CONF)

    (ours,) = answer["dag_run_ids"]
    wait_for(site, BATCH, [ours])
    task = site.airflow.saw(BATCH)[ours]
    assert (task.conf, task.conf_type) == (CONF, "dict")
    assert task.logical_date is not None
    assert before - timedelta(seconds=1) <= task.logical_date <= datetime.now(UTC)


@at(FIRST_SQLITE)
def test_without_serialized_dags_a_batch_is_on_the_clock_of_utc(site: Site) -> None:
    dates = [datetime(2024, 3, 30, 6, 30, tzinfo=UTC) + timedelta(days=n) for n in range(3)]
    ours = [run_id("bare", number, date) for number, date in enumerate(dates, 1)]

    answer = site.service.created(
        dag_id=BUSY, prefix="bare", conf=CONF, start_date="2024-03-30", end_date="2024-04-01T12:00:00"
    )

    assert answer["dag_run_ids"] == ours
    assert any("was read in UTC" in warning for warning in answer["warnings"]), answer["warnings"]
    wait_for(site, BUSY, ours)
    for name, date in zip(ours, dates, strict=True):
        task = site.airflow.saw(BUSY)[name]
        assert (task.conf, task.conf_type, task.logical_date) == (CONF, "dict", date)


def _scheduled(site: Site, dag_id: str) -> list[datetime]:
    """Return the dates of the runs that Airflow scheduled."""
    found = site.airflow.rows(
        "SELECT run_id FROM dag_run WHERE dag_id = $1 AND run_id LIKE 'scheduled%' ORDER BY 1", dag_id
    )
    return [datetime.fromisoformat(str(name).removeprefix("scheduled__")) for (name,) in found]
