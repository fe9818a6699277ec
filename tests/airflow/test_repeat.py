"""Calls that may be made again: what is there stays, what is missing comes."""

from __future__ import annotations

from datetime import date

import pytest

from .dagfiles import REPEAT
from .expectations import days, run_ids, wait_for, window
from .places import FIRST_POSTGRESQL, NEWEST_POSTGRESQL, NEWEST_SQLITE, SECOND_POSTGRESQL, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]


@at(FIRST_POSTGRESQL, SECOND_POSTGRESQL, *NEWEST_SQLITE, *NEWEST_POSTGRESQL)
def test_the_same_window_again_creates_nothing(site: Site) -> None:
    ticks = days(date(2024, 10, 20), 12)
    ten, all_of_them = run_ids("rep", ticks[:10]), run_ids("rep", ticks)
    once = {"dag_id": REPEAT, "prefix": "rep", **window(ticks[:10])}
    before = site.airflow.states(REPEAT)

    tried = site.service.created(**once, dry_run=True)
    assert site.airflow.states(REPEAT).keys() - before.keys() == set()
    done = site.service.created(**once)
    assert {key: tried[key] for key in done} == done
    assert done["dag_run_ids"] == ten
    assert site.airflow.states(REPEAT).keys() - before.keys() == set(ten)

    again = site.service.created(**once)
    assert again["dag_run_ids"] == []
    assert again["skipped"] == 10
    assert again["skipped_dag_run_ids"] == ten

    wider = site.service.created(dag_id=REPEAT, prefix="rep", **window(ticks))
    assert wider["dag_run_ids"] == all_of_them[10:]
    assert wider["skipped"] == 10
    wait_for(site, REPEAT, all_of_them)
    assert site.airflow.states(REPEAT).keys() - before.keys() == set(all_of_them)
