"""Timetables whose data intervals are not those of a plain cron expression: the task sees the schedule's own."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from .dagfiles import HOURS_BACK, LOOKING_BACK, PERIODS
from .expectations import days, run_id, run_ids, wait_for, window
from .places import NEWEST_POSTGRESQL, NEWEST_SQLITE, SECOND_POSTGRESQL, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600), at(SECOND_POSTGRESQL, *NEWEST_SQLITE, *NEWEST_POSTGRESQL)]


def test_a_timetable_of_data_intervals(site: Site) -> None:
    # The clocks of Amsterdam went back in the night that the first of these intervals takes in.
    ticks = days(date(2024, 10, 26), 2)
    ours = run_ids("periods", ticks)

    assert site.service.created(dag_id=PERIODS, prefix="periods", **window(ticks))["dag_run_ids"] == ours

    wait_for(site, PERIODS, ours)
    saw = site.airflow.saw(PERIODS)
    for name, tick in zip(ours, ticks, strict=True):
        assert saw[name].logical_date == tick.at
        assert (saw[name].data_interval_start, saw[name].data_interval_end) == tick.period


def test_a_trigger_that_looks_back(site: Site) -> None:
    ticks = days(date(2024, 3, 30), 2)
    begins = [tick.at - timedelta(hours=HOURS_BACK) for tick in ticks]
    ours = [run_id("back", number, begin) for number, begin in enumerate(begins, 1)]

    assert site.service.created(dag_id=LOOKING_BACK, prefix="back", **window(ticks))["dag_run_ids"] == ours

    wait_for(site, LOOKING_BACK, ours)
    saw = site.airflow.saw(LOOKING_BACK)
    for name, tick, begin in zip(ours, ticks, begins, strict=True):
        assert saw[name].logical_date == begin
        assert (saw[name].data_interval_start, saw[name].data_interval_end) == (begin, tick.at)
