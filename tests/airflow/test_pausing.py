"""Batches of a paused DAG, which wait until it goes on."""

from __future__ import annotations

import time
from datetime import date

import pytest

from .dagfiles import PAUSED
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
