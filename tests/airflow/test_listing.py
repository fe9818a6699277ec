"""The same runs, seen by Airflow's command line, Airflow's REST API and ours."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from .dagfiles import LISTED, TICKER
from .expectations import days, run_ids, wait_for, window
from .places import EVERYWHERE, NEWEST_POSTGRESQL, SECOND_POSTGRESQL, THIRD_POSTGRESQL, at
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

CONF = {"why": "to be listed"}


@at(*EVERYWHERE)
def test_everyone_lists_everyones_runs(site: Site) -> None:
    ticks = days(date(2024, 6, 3), 2)
    ours = run_ids("listed", ticks)
    site.service.created(dag_id=LISTED, prefix="listed", conf=CONF, **window(ticks))
    site.airflow.trigger(LISTED, "by_hand")
    wait_for(site, LISTED, [*ours, "by_hand"])

    table = site.airflow.states(LISTED)
    scheduled = [run_id for run_id in table if run_id.startswith("scheduled__")]
    assert sorted(table) == sorted([*ours, "by_hand", *scheduled])
    assert scheduled, "Airflow itself schedules the newest tick of this DAG"
    wait_for(site, LISTED, scheduled)

    runs = {run["run_id"]: run for run in site.service.runs(dag_id=LISTED)}
    assert {run_id: run["state"] for run_id, run in runs.items()} == site.airflow.states(LISTED)
    assert site.airflow.listed_by_cli(LISTED) == site.airflow.states(LISTED)
    for run_id, tick in zip(ours, ticks, strict=True):
        assert runs[run_id]["external_trigger"] == "True"
        assert runs[run_id]["execution_date"] == f"{tick.at:%Y-%m-%d %H:%M:%S}"
    assert runs["by_hand"]["external_trigger"] == "True"
    assert (runs["by_hand"]["execution_date"] != "None") == site.airflow.generation.dates_runs_by_hand
    assert [runs[run_id]["external_trigger"] for run_id in scheduled] == ["False"] * len(scheduled)

    assert site.service.get(f"dag_runs/{ours[0]}")["dag_run"].items() >= runs[ours[0]].items()
    (dag,) = [dag for dag in site.service.get("dags")["dags"] if dag["dag_id"] == LISTED]
    assert dag["is_active"] is True
    assert dag["full_path"] == str(site.airflow.dag_file)


@at(*EVERYWHERE)
def test_the_runs_that_airflow_schedules_are_listed(site: Site) -> None:
    site.airflow.until("Airflow schedules runs by itself", lambda: len(site.airflow.states(TICKER)) >= 3, 60)
    known = site.airflow.states(TICKER)
    listed = {run["run_id"]: run for run in site.service.runs(dag_id=TICKER, external_trigger="false")}
    assert known.keys() <= listed.keys()
    assert {run["external_trigger"] for run in listed.values()} == {"False"}


@at(SECOND_POSTGRESQL, THIRD_POSTGRESQL, *NEWEST_POSTGRESQL)
def test_airflows_rest_api_shows_our_runs(site: Site) -> None:
    ticks = days(date(2024, 7, 1), 2)
    ours = run_ids("rest", ticks)
    site.service.created(dag_id=LISTED, prefix="rest", conf=CONF, **window(ticks))
    wait_for(site, LISTED, ours)

    answer = site.airflow.get(f"dags/{LISTED}/dagRuns?limit=100")

    shown = {run["dag_run_id"]: run for run in answer["dag_runs"]}
    for run_id, tick in zip(ours, ticks, strict=True):
        run = shown[run_id]
        assert (run["state"], run["conf"]) == ("success", CONF)
        dates = [run["logical_date"], run["data_interval_start"], run["data_interval_end"]]
        start, end = tick.interval(site.airflow.generation.cron)
        assert [datetime.fromisoformat(at) for at in dates] == [tick.at, start, end]
        if site.airflow.release.major >= 3:
            assert (run["run_type"], run["triggered_by"]) == ("backfill", "backfill")
            assert datetime.fromisoformat(run["run_after"]) == end
        else:
            assert (run["run_type"], run["external_trigger"]) == ("manual", True)
    instances = site.airflow.get(f"dags/{LISTED}/dagRuns/{ours[0]}/taskInstances")
    assert [task["state"] for task in instances["task_instances"]] == ["success"]
