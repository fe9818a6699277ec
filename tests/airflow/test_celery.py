"""Airflow with the Celery executor, whose worker executes what our service has made."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from .brokers import start_broker
from .dagfiles import BATCH, dag_file
from .deployment import Deployment
from .expectations import days, run_ids, wait_for, window
from .installation import install
from .metadata import PostgreSQL
from .processes import Processes
from .releases import AIRFLOW_2
from .service import Service
from .sites import Site

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(300)]

TAKEN = """
SELECT t.run_id, t.try_number, c.status
FROM task_instance t JOIN celery_taskmeta c ON c.task_id = t.external_executor_id
WHERE t.dag_id = $1 AND t.run_id LIKE 'celery%' ORDER BY t.run_id
"""
"""Lists the task of each run in Celery's own table of results, with the number of the attempt."""


def test_celery_executes_each_run_once(database: PostgreSQL, processes: Processes, tmp_path: Path) -> None:
    settings = (
        ("CORE", "EXECUTOR", "CeleryExecutor"),
        ("CELERY", "BROKER_URL", start_broker(processes)),
        ("CELERY", "RESULT_BACKEND", f"db+{database.url}"),
    )
    airflow = Deployment(install(AIRFLOW_2, print), database, tmp_path / "airflow", processes, settings)
    airflow.migrate()
    airflow.parse(dag_file(AIRFLOW_2.major, airflow.seen, datetime.now(UTC)))
    service = Service.start(processes, database.url)
    ticks = days(date(2024, 3, 20), 20)
    ours = run_ids("celery", ticks)

    answer = service.created(dag_id=BATCH, prefix="celery", **window(ticks))

    assert answer["dag_run_ids"] == ours
    worker = airflow.start_worker()
    wait_for(Site(airflow, airflow.start(rest=False), service), BATCH, ours)
    once = [(run_id, 1, "SUCCESS") for run_id in ours]
    # Celery stores a result a moment after the task has ended.
    airflow.until("Celery has all results", lambda: airflow.rows(TAKEN, BATCH) == once, 30)
    said = worker.log.read_text()
    assert {run_id: said.count(f"'{run_id}', '--local'") for run_id in ours} == dict.fromkeys(ours, 1)
    assert airflow.saw(BATCH).keys() >= set(ours)
