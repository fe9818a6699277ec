"""Batches that Airflow's scheduler executes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from .dagfiles import BATCH, BUSY
from .expectations import days, run_ids, wait_for, window
from .places import EVERYWHERE, NEWEST_SQLITE, SECOND_SQLITE, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

CONF: dict[str, object] = {
    "table": "orders",
    "full": False,
    "none": None,
    "price": 2.5,
    "nested": {"días": [1, "zwei", {}]},
}


@at(*EVERYWHERE)
def test_ten_runs_are_executed_with_their_conf_and_interval(site: Site) -> None:
    # The clocks of Amsterdam went forward on the sixth of these days.
    ticks = days(date(2024, 3, 26), 10)
    expected = run_ids("ten", ticks)
    assert expected[0] == "ten_0000001_2024-03-26T05:30:00"
    assert expected[9] == "ten_0000010_2024-04-04T04:30:00"

    answer = site.service.created(dag_id=BATCH, prefix="ten_", conf=CONF, **window(ticks))

    assert answer["dag_run_ids"] == expected
    assert answer["skipped"] == 0
    wait_for(site, BATCH, expected)
    saw = site.airflow.saw(BATCH)
    for run_id, tick in zip(expected, ticks, strict=True):
        task = saw[run_id]
        assert (task.conf, task.conf_type) == (CONF, "dict")
        assert task.logical_date == tick.at
        assert (task.data_interval_start, task.data_interval_end) == tick.interval(site.airflow.generation.cron)


def test_a_run_now(site: Site) -> None:
    before = datetime.now(UTC)
    answer = site.service.created(dag_id=BATCH, prefix="now", conf='{"from": "a string"}')
    after = datetime.now(UTC)

    (run_id,) = answer["dag_run_ids"]
    wait_for(site, BATCH, [run_id])
    task = site.airflow.saw(BATCH)[run_id]
    assert (task.conf, task.conf_type) == ({"from": "a string"}, "dict")
    assert task.logical_date is not None
    assert task.data_interval_start is not None
    assert task.data_interval_end is not None
    assert before - timedelta(seconds=1) <= task.logical_date <= after
    assert task.data_interval_start <= task.data_interval_end <= task.logical_date


@at(SECOND_SQLITE, *NEWEST_SQLITE)
def test_many_runs_while_the_scheduler_is_busy(site: Site) -> None:
    first, second = days(date(2024, 2, 1), 10), days(date(2024, 5, 1), site.many)

    site.service.created(dag_id=BUSY, prefix="first", **window(first))
    site.airflow.until(
        "the scheduler has its hands full",
        lambda: "running" in site.airflow.states(BUSY).values(),
        60,
        lambda: str(site.airflow.states(BUSY)),
    )
    answer = site.service.created(dag_id=BUSY, prefix="second", **window(second))

    assert answer["dag_run_ids"] == run_ids("second", second)
    wait_for(site, BUSY, run_ids("first", first) + run_ids("second", second), deadline=240)
