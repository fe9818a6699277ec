"""The rows that our writes leave in Airflow's own log, as its REST API, which its pages ask, tells of them."""

from __future__ import annotations

import json
from datetime import date

import pytest

from .dagfiles import PAUSED, TOLD
from .expectations import days, run_ids, wait_for, window
from .places import AT_3_4, SECOND_POSTGRESQL, THIRD_POSTGRESQL, at
from .service import Service
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600)]

EVENTS = {2: {"api.post_dag_run", "api.patch_dag"}, 3: {"trigger_dag_run", "patch_dag"}}


@at(SECOND_POSTGRESQL, THIRD_POSTGRESQL, AT_3_4)
def test_airflows_audit_log_tells_of_our_writes(site: Site) -> None:
    ticks = days(date(2024, 11, 1), 2)
    service = Service.start(site.airflow.processes, site.airflow.database.url, "--audit-log")
    assert service.created(dag_id=PAUSED, prefix="told", **window(ticks))["dag_run_ids"] == run_ids("told", ticks)
    for paused in ("true", "false"):
        assert service.client.request("POST", f"/api/v1/dags/{PAUSED}/paused/{paused}").status == 200

    found = site.airflow.get(f"eventLogs?dag_id={PAUSED}&limit=100")["event_logs"]

    ours = [each for each in found if each["owner"] == "dagrun-api"]
    assert len(ours) == 3
    assert {each["event"] for each in ours} == EVENTS[site.airflow.release.major]
    assert {each["dag_id"] for each in ours} == {PAUSED}
    extras = [json.loads(each["extra"]) for each in ours]
    assert sorted(extra.get("created", 0) for extra in extras) == [0, 0, 2]
    wait_for(site, PAUSED, run_ids("told", ticks))


@at(THIRD_POSTGRESQL, AT_3_4)
def test_airflows_audit_log_tells_of_our_backfills_as_of_its_own(site: Site) -> None:
    ticks = days(date(2024, 12, 1), 2)
    service = Service.start(site.airflow.processes, site.airflow.database.url, "--audit-log")
    site.airflow.pause(TOLD)
    ours = service.created(dag_id=TOLD, prefix="native", max_active_runs=1, **window(ticks))["backfill_id"]
    for path in ("paused/true", "paused/false", "cancel"):
        assert service.client.request("POST", f"/api/v1/batches/native/{path}").status == 200

    found = site.airflow.get(f"eventLogs?dag_id={TOLD}&limit=100")["event_logs"]

    told = {each["event"]: json.loads(each["extra"]) for each in found if "backfill" in each["event"]}
    assert told.keys() == {"create_backfill", "pause_backfill", "unpause_backfill", "cancel_backfill"}
    assert {tuple(extra["backfill_ids"]) for extra in told.values()} == {(ours,)}
