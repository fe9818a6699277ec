"""The rows in the database of the OpenAPI examples, as answers show them."""

from __future__ import annotations

__all__ = [
    "FIRST",
    "FIRST_DETAIL",
    "HELLO_DAG",
    "HELLO_DETAIL",
    "HELLO_PROGRESS",
    "JULY_PROGRESS",
    "ORDERS",
    "ORDERS_DAG",
    "ORDERS_PROGRESS",
    "ORDINARY",
    "QUEUED",
    "SCHEDULED",
    "SCHEDULED_DETAIL",
]

_BEGUN, _ENDED = "2017-09-20 18:10:02.190813", "2017-09-20 18:11:02.190813"


def _run(number: int, dag_id: str, run_id: str, state: str, date: str, **more: str) -> dict[str, object]:
    known: dict[str, object] = {
        "id": number,
        "dag_id": dag_id,
        "run_id": run_id,
        "state": state,
        "execution_date": date,
    }
    return known | {"start_date": "None", "end_date": "None", "external_trigger": "True"} | more


SCHEDULED = _run(
    1, "hello", "scheduled__2017-09-19T12:00:00+00:00", "success", "2017-09-19 12:00:00",
    start_date=_BEGUN, end_date=_ENDED, external_trigger="False",
)  # fmt: skip
FIRST = _run(
    2, "hello", "etl_0000001_2017-09-01T12:00:00", "success", "2017-09-01 12:00:00", start_date=_BEGUN, end_date=_ENDED
)
QUEUED = _run(4, "hello", "etl_0000003_2017-09-03T12:00:00", "queued", "2017-09-03 12:00:00")
ORDERS = _run(
    5, "amsterdam_orders", "etl_0000001_2017-09-01T06:30:00", "failed", "2017-09-01 06:30:00",
    start_date=_BEGUN, end_date=_ENDED,
)  # fmt: skip


def _detail(run: dict[str, object], until: str, conf: dict[str, object]) -> dict[str, object]:
    start = run["execution_date"]
    interval = {"data_interval_start": start, "data_interval_end": until, "run_after": until}
    return {**run, **interval, "queued_at": start, "duration": 60.0, "conf": conf, "airflow_url": "None"}


SCHEDULED_DETAIL = _detail(SCHEDULED, "2017-09-20 12:00:00", {})
FIRST_DETAIL = _detail(FIRST, "2017-09-02 12:00:00", {"why": "late data", "limits": {"rows": 1000}})


def _dag(dag_id: str, is_active: bool, full_path: str, last: str, schedule: str, due: str) -> dict[str, object]:
    return {
        "is_active": is_active,
        "dag_id": dag_id,
        "full_path": full_path,
        "last_execution": last,
        "is_draining": False,
        "schedule": schedule,
        "next_run_after": due,
    }


HELLO_DAG = _dag("hello", True, "dags/hello.py", "2017-09-19 12:00:00", "0 12 * * *", "2017-09-21 12:00:00")
HELLO_DETAIL: dict[str, object] = HELLO_DAG | {
    "timezone": "UTC",
    "start_date": "None",
    "end_date": "None",
    "max_active_runs": 16,
    "active_runs": 2,
    "next_execution": "2017-09-20 12:00:00",
    "catchup": False,
    "owners": "airflow",
    "description": "Says hello every day at noon",
    "has_import_errors": False,
    "unlistable": "None",
    "airflow_url": "None",
}
ORDERS_DAG = _dag("amsterdam_orders", False, "dags/shop/orders.py", "2017-09-01 06:30:00", "30 6 * * *", "None")
ORDINARY = {"backfill_id": "None", "max_active_runs": "None", "is_paused": "None"}
"""What the progress of a batch says that is no native backfill."""

HELLO_PROGRESS = {
    "total": 3,
    "states": {"queued": 1, "running": 1, "success": 1},
    "cancelled": 0,
    "percent_done": 33.3,
    "first_execution": "2017-09-01 12:00:00",
    "last_execution": "2017-09-03 12:00:00",
    "first_queued": "2017-09-01 12:00:00",
    "last_ended": _ENDED,
    **ORDINARY,
}
ORDERS_PROGRESS = {
    "dag_id": "amsterdam_orders",
    "total": 1,
    "states": {"failed": 1},
    "cancelled": 0,
    "percent_done": 100.0,
    "first_execution": "2017-09-01 06:30:00",
    "last_execution": "2017-09-01 06:30:00",
    "first_queued": "2017-09-01 06:30:00",
    "last_ended": _ENDED,
    **ORDINARY,
}
JULY_PROGRESS = {
    "dag_id": "amsterdam_orders",
    "total": 1,
    "states": {"queued": 1},
    "cancelled": 0,
    "percent_done": 0.0,
    "first_execution": "2017-07-01 04:30:00",
    "last_execution": "2017-07-01 04:30:00",
    "first_queued": "2017-09-20 18:30:00",
    "last_ended": "None",
    "backfill_id": 1,
    "max_active_runs": 1,
    "is_paused": False,
}
