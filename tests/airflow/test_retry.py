"""A batch whose runs were cancelled or have failed, retried by one call while Airflow executes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from .dagfiles import FAILING, FLAKY
from .expectations import days, run_ids, window
from .places import FIRST_POSTGRESQL, NEWEST_POSTGRESQL, SECOND_POSTGRESQL, THIRD_POSTGRESQL, at
from .releases import AIRFLOW_3_4
from .service import Service
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

USER = "robot"
PASSWORD = "hunter2 hunter2"

TRIES = """
SELECT h.task_id, count(*) FROM task_instance_history h WHERE h.dag_id = $1 AND h.run_id LIKE 'flaky%' GROUP BY 1
"""
"""Counts the tries that Airflow keeps besides the last ones."""
TRIES_SINCE_3_4 = """
SELECT t.task_id, count(*) FROM task_instance t
WHERE t.dag_id = $1 AND t.run_id LIKE 'flaky%' AND t.state = 'failed' GROUP BY 1
"""
"""Counts them where they are rows of the same table."""

CLEARED = "SELECT DISTINCT owner, event FROM log WHERE event LIKE '%clear%' AND dag_id = $1"
"""Finds who cleared something, and what Airflow's log calls it."""


@at(SECOND_POSTGRESQL, THIRD_POSTGRESQL, *NEWEST_POSTGRESQL)
def test_one_call_retries_what_was_cancelled_and_what_failed(site: Site) -> None:
    is_third = site.airflow.release.major >= 3
    service = _service(site)
    ticks = days(date(2025, 3, 1), 20)
    limit: dict[str, Any] = {"max_active_runs": 4} if is_third else {}
    failing, cancelled = run_ids("flaky", ticks)[:10], run_ids("flaky", ticks)[10:]
    marker = site.airflow.seen / FAILING
    marker.parent.mkdir(parents=True, exist_ok=True)
    marker.touch()
    assert service.created(dag_id=FLAKY, prefix="flaky", **limit, **window(ticks[:10]))["dag_run_ids"] == failing
    _until(site, service, {"failed": 10})
    service.post(f"dags/{FLAKY}/paused/true")
    assert service.created(dag_id=FLAKY, prefix="flaky", **window(ticks))["dag_run_ids"] == cancelled
    assert service.post("batches/flaky/cancel")["cancelled"] == 10
    service.post(f"dags/{FLAKY}/paused/false")
    assert service.get("batches/flaky")["cancelled"] == 10
    assert service.get("about")["retries"] == "airflow"
    marker.unlink()

    rehearsed = service.post("batches/flaky/retry?dry_run=true")
    assert service.get("batches/flaky")["states"] == {"failed": 20}
    found = service.post("batches/flaky/retry")

    assert (found["requeued"], found["cleared"], found["left"]) == (10, 10, 0), found
    assert (found["requeued_dag_run_ids"], found["cleared_dag_run_ids"]) == (cancelled, failing)
    assert found == rehearsed
    assert bool(found["warnings"]) == (not is_third)
    _until(site, service, {"success": 20})
    whole = service.get("batches/flaky")
    assert (whole["cancelled"], whole["percent_done"]) == (0, 100.0)
    executed = site.airflow.executed(FLAKY)
    tasks = dict.fromkeys(failing + cancelled, 2)
    # Airflow does nothing in an empty task, and some releases do not say when.
    assert {run_id: 2 if executed.get(run_id) else 0 for run_id in tasks} == tasks
    tries_of = TRIES_SINCE_3_4 if site.airflow.release is AIRFLOW_3_4 else TRIES
    tries = {str(task_id): count for task_id, count in site.airflow.rows(tries_of, FLAKY)}
    assert tries["fails"] == 10
    assert ("nothing" in tries) == (not is_third)
    told = {str(owner): str(event) for owner, event in site.airflow.rows(CLEARED, FLAKY)}
    ours = told.pop("dagrun-api")
    # Since 3.3 Airflow's own word for several runs is another.
    assert {event.removesuffix("s") for event in told.values()} == {ours}
    assert is_third or told.keys() == {USER}
    if is_third:
        backfill = whole["backfill_id"]
        site.airflow.until(
            "the backfill has ended", lambda: site.airflow.get(f"backfills/{backfill}")["completed_at"], 60
        )


@at(FIRST_POSTGRESQL)
def test_airflow_1_executes_what_was_cancelled(site: Site) -> None:
    ticks = days(date(2025, 3, 1), 6)
    ours = run_ids("back", ticks)
    site.airflow.pause(FLAKY)
    assert site.service.created(dag_id=FLAKY, prefix="back", **window(ticks))["dag_run_ids"] == ours
    assert site.service.post("batches/back/cancel")["cancelled"] == 6

    assert site.service.post("batches/back/retry")["requeued"] == 6

    site.airflow.unpause(FLAKY)
    site.airflow.until(
        "all are a success",
        lambda: site.service.get("batches/back")["states"] == {"success": 6},
        120,
        lambda: str(site.service.get("batches/back")),
    )
    assert {site.airflow.executed(FLAKY)[run_id] for run_id in ours} == {2}


def _service(site: Site) -> Service:
    """Return a service that may ask this Airflow."""
    if site.airflow.release.major == 2:
        about = ("--firstname", "R", "--lastname", "R", "--email", "robot@example.com", "--role", "Admin")
        site.airflow.airflow("users", "create", "--username", USER, "--password", PASSWORD, *about)
    environ = {
        "DAGRUN_API_AIRFLOW_URL": f"http://127.0.0.1:{site.airflow.port}",
        "DAGRUN_API_AIRFLOW_USERNAME": USER,
        "DAGRUN_API_AIRFLOW_PASSWORD": PASSWORD,
    }
    return Service.start(site.airflow.processes, site.airflow.database.url, "--audit-log", environ=environ)


def _until(site: Site, service: Service, states: dict[str, int]) -> None:
    site.airflow.until(
        f"the runs are {states}",
        lambda: service.get("batches/flaky")["states"] == states,
        180,
        lambda: str(service.get("batches/flaky")),
    )
