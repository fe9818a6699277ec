"""Batches of a paused DAG, which wait until it is unpaused."""

from __future__ import annotations

import time
from datetime import date

import pytest

from .dagfiles import PAUSED
from .expectations import days, run_ids, wait_for, window
from .places import EVERYWHERE, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

SOME_LOOPS = 4
"""Seconds in which the scheduler looks for queued runs several times."""


@at(*EVERYWHERE)
def test_a_paused_batch_is_executed_after_unpausing(site: Site) -> None:
    ticks = days(date(2024, 9, 1), 3)
    ours = run_ids("later", ticks)
    wait_for(site, PAUSED, site.airflow.states(PAUSED))
    site.airflow.pause(PAUSED)
    before = site.airflow.states(PAUSED)

    answer = site.service.created(dag_id=PAUSED, prefix="later", **window(ticks))
    assert answer["dag_run_ids"] == ours
    assert any("paused" in warning for warning in answer["warnings"]), answer["warnings"]
    time.sleep(SOME_LOOPS)
    waiting = dict.fromkeys(ours, site.airflow.generation.state_at_birth)
    assert site.airflow.states(PAUSED) == {**before, **waiting}
    assert site.airflow.executed(PAUSED).keys() == before.keys()

    site.airflow.unpause(PAUSED)

    wait_for(site, PAUSED, ours)
