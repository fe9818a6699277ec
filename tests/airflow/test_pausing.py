"""Batches that wait: for a paused DAG to go on, or for nothing any more."""

from __future__ import annotations

import time
from datetime import date

import pytest

from .dagfiles import CANCELLED, PAUSED
from .expectations import days, run_ids, wait_for, window
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

SOME_LOOPS = 4
"""Seconds in which the scheduler looks for queued runs several times."""


def test_a_paused_batch_is_executed_after_unpausing(site: Site) -> None:
    ticks = days(date(2024, 9, 1), 3)
    ours = run_ids("later", ticks)
    answer = site.service.created(dag_id=PAUSED, prefix="later", **window(ticks))
    assert answer["dag_run_ids"] == ours
    assert any("paused" in warning for warning in answer["warnings"]), answer["warnings"]
    time.sleep(SOME_LOOPS)
    assert site.airflow.states(PAUSED) == dict.fromkeys(ours, "queued")

    site.airflow.airflow("dags", "unpause", PAUSED)

    wait_for(site, PAUSED, ours)


def test_a_cancelled_batch_is_never_executed(site: Site) -> None:
    ticks = days(date(2024, 9, 1), 3)
    ours = run_ids("never", ticks)
    site.service.created(dag_id=CANCELLED, prefix="never", **window(ticks))
    cancel = f"/api/v1/batches/never/cancel?dag_id={CANCELLED}"
    answer = site.service.client.request("POST", cancel)
    if answer.status == 404:
        pytest.skip("this service cannot cancel a batch yet")
    assert answer.status == 200, answer.body

    unpaused = site.service.client.request("POST", f"/api/v1/dags/{CANCELLED}/paused/false")
    assert unpaused.body == {"response": {"dag_id": CANCELLED, "is_paused": False}}
    later = site.service.created(dag_id=CANCELLED, prefix="after", **window(days(date(2024, 9, 10), 1)))

    wait_for(site, CANCELLED, later["dag_run_ids"])
    states = site.airflow.states(CANCELLED)
    assert {run_id: states[run_id] for run_id in ours} == dict.fromkeys(ours, "failed")
    assert site.airflow.saw(CANCELLED).keys().isdisjoint(ours)
    tasks = "SELECT run_id FROM task_instance WHERE dag_id = $1 AND start_date IS NOT NULL"
    assert {run_id for (run_id,) in site.airflow.rows(tasks, CANCELLED)}.isdisjoint(ours)
