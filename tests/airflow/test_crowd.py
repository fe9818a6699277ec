"""The largest batch that one call can make, beside everything else that a scheduler has to do."""

from __future__ import annotations

from datetime import date

import pytest

from .dagfiles import CROWD, TICKER
from .expectations import days, run_ids, wait_for, window
from .places import FIRST_POSTGRESQL, NEWEST_POSTGRESQL, SECOND_POSTGRESQL, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

MEANWHILE = """
SELECT count(*) FROM dag_run WHERE dag_id = $1 AND run_id LIKE 'scheduled%' AND state = 'success'
AND start_date > (SELECT min(start_date) FROM dag_run WHERE dag_id = $2 AND run_id LIKE 'crowd%')
AND end_date < (SELECT max(end_date) FROM dag_run WHERE dag_id = $2 AND run_id LIKE 'crowd%')
"""
"""Counts the runs of one DAG that Airflow scheduled, began and ended while it worked on the batch of another."""


@at(FIRST_POSTGRESQL, SECOND_POSTGRESQL, *NEWEST_POSTGRESQL)
def test_five_hundred_runs_while_the_scheduler_works(site: Site) -> None:
    ticks = days(date(2024, 2, 1), 500)
    ours = run_ids("crowd", ticks)

    answer = site.service.created(dag_id=CROWD, prefix="crowd", **window(ticks))

    assert answer["dag_run_ids"] == ours
    wait_for(site, CROWD, ours, deadline=400)
    ((meanwhile,),) = site.airflow.rows(MEANWHILE, TICKER, CROWD)
    assert int(str(meanwhile)) >= 3, site.airflow.states(TICKER)
