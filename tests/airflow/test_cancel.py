"""A batch that is cancelled while Airflow executes it, and a backfill that continues behind it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from .dagfiles import CROWD
from .expectations import days, run_ids, wait_for, window
from .places import AT_3_4, SECOND_POSTGRESQL, THIRD_POSTGRESQL, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

FIRST_PART = 80

UNTOUCHED = """
SELECT count(*) FROM task_instance WHERE dag_id = $1 AND run_id LIKE 'half%'
AND run_id IN (SELECT run_id FROM dag_run WHERE dag_id = $1 AND state = 'failed')
"""
"""Counts the task instances of the batch's cancelled runs."""


@at(SECOND_POSTGRESQL, THIRD_POSTGRESQL, AT_3_4)
def test_cancelling_keeps_the_runs_that_have_begun(site: Site) -> None:
    ticks = days(date(2025, 8, 1), FIRST_PART + 20)
    ours = run_ids("half", ticks)
    first = site.service.created(dag_id=CROWD, prefix="half", limit=FIRST_PART, partial=True, **window(ticks))
    assert (first["dag_run_ids"], first["truncated"]) == (ours[:FIRST_PART], True)
    site.airflow.until("a part is executed", lambda: progress(site)["states"].get("success", 0) >= 5, 120)

    answer = site.service.client.request("POST", f"/api/v1/batches/half/cancel?dag_id={CROWD}")

    assert answer.status == 200, answer.body
    found = answer.body["response"]
    cancelled = found["cancelled_dag_run_ids"]
    assert found["cancelled"] == len(cancelled) > 0
    assert found["cancelled"] + found["started"] + found["ended"] == FIRST_PART
    began = [run_id for run_id in ours[:FIRST_PART] if run_id not in set(cancelled)]
    wait_for(site, CROWD, began)
    assert progress(site)["states"] == {"failed": len(cancelled), "success": len(began)}

    rest = site.service.created(dag_id=CROWD, prefix="half", partial=True, **window(ticks))
    assert (rest["dag_run_ids"], rest["skipped"], rest["truncated"]) == (ours[FIRST_PART:], FIRST_PART, False)
    wait_for(site, CROWD, rest["dag_run_ids"])

    assert progress(site)["percent_done"] == 100.0
    states = site.airflow.states(CROWD)
    assert {states[run_id] for run_id in cancelled} == {"failed"}
    assert site.airflow.rows(UNTOUCHED, CROWD) == [(0,)]
    listed = site.airflow.listed_by_cli(CROWD)
    assert {listed[run_id] for run_id in cancelled} == {"failed"}, "Airflow shows them as failed"


def progress(site: Site) -> dict[str, Any]:
    found: dict[str, Any] = site.service.get("batches/half", dag_id=CROWD)
    return found
