"""The examples of the OpenAPI document. A test sends each request and compares the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

from dagrun_api.web.openapi.example_rows import (
    FIRST,
    HELLO_DAG,
    HELLO_DETAIL,
    HELLO_PROGRESS,
    ORDERS,
    ORDERS_DAG,
    ORDERS_PROGRESS,
    ORDINARY,
    QUEUED,
    SCHEDULED,
)

__all__ = ["EXAMPLES", "Example"]


@dataclass(frozen=True, slots=True)
class Example:
    """A request, and its answer in the database of the examples."""

    name: str
    summary: str
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    body: Mapping[str, object] | None = None
    answer: object = None
    """The payload in the envelope, or the whole answer if it has no envelope."""
    external: str | None = None
    """The address of the answer, relative to the document, instead of the answer itself."""


def _created(*run_ids: str, skipped: tuple[str, ...] = (), **more: object) -> dict[str, object]:
    counted = {"skipped": len(skipped), "skipped_dag_run_ids": list(skipped), "truncated": False, "warnings": []}
    kind = {"run_type": "manual", "backfill_id": "None", "max_active_runs": "None"}
    return {"dag_run_ids": list(run_ids)} | counted | kind | more


def _window(prefix: str, start: str, end: str) -> dict[str, object]:
    return {"dag_id": "hello", "prefix": prefix, "start_date": start, "end_date": end}


def _planned(run_id: str, start: str, end: str) -> dict[str, object]:
    interval = {"data_interval_start": start, "data_interval_end": end}
    return {"run_id": run_id, "execution_date": start, **interval, "run_after": end}


def _tick(start: str, end: str, *, is_due: bool = True, dag_run: object = "None") -> dict[str, object]:
    interval = {"data_interval_start": start, "data_interval_end": end}
    return {"execution_date": start, **interval, "run_after": end, "is_due": is_due, "dag_run": dag_run}


_RETRIED: Mapping[str, object] = {
    "prefix": "etl",
    "requeued": 0,
    "cleared": 1,
    "left": 0,
    "truncated": False,
    "requeued_dag_run_ids": [],
    "cleared_dag_run_ids": ["etl_0000001_2017-09-01T06:30:00"],
    "left_dag_run_ids": [],
    "warnings": [],
}

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "list_dags": (Example("dags", "Two DAGs, one of them paused", answer={"dags": [ORDERS_DAG, HELLO_DAG]}),),
    "get_dag": (
        Example("dag", "A DAG that runs every day", parameters={"dag_id": "hello"}, answer={"dag": HELLO_DETAIL}),
    ),
    "latest_runs": (Example("latest", "The latest run of each of two DAGs", answer={"dag_runs": [ORDERS, SCHEDULED]}),),
    "list_ticks": (
        Example(
            "first",
            "The first tick of a longer window",
            parameters={
                "dag_id": "hello",
                "start_date": "2017-09-03T12:00:00Z",
                "end_date": "2017-09-20T12:00:00Z",
                "limit": 1,
            },
            answer={
                "ticks": [_tick("2017-09-03 12:00:00", "2017-09-04 12:00:00", dag_run=QUEUED)],
                "counts": {"missing": 0, "not_due": 0, "queued": 1, "running": 0, "success": 0, "failed": 0},
                "warnings": [],
            },
        ),
        Example(
            "gap",
            "Three days: one is missing, one has a run, and one is not due yet",
            parameters={"dag_id": "hello", "start_date": "2017-09-18T12:00:00Z", "end_date": "2017-09-20T12:00:00Z"},
            answer={
                "ticks": [
                    _tick("2017-09-18 12:00:00", "2017-09-19 12:00:00"),
                    _tick("2017-09-19 12:00:00", "2017-09-20 12:00:00", dag_run=SCHEDULED),
                    _tick("2017-09-20 12:00:00", "2017-09-21 12:00:00", is_due=False),
                ],
                "counts": {"missing": 1, "not_due": 1, "queued": 0, "running": 0, "success": 1, "failed": 0},
                "warnings": [],
            },
        ),
    ),
    "list_runs": (
        Example(
            "page", "The first page, with two runs", parameters={"limit": 2}, answer={"dag_runs": [SCHEDULED, FIRST]}
        ),
        Example(
            "queued",
            "The queued runs of one DAG",
            parameters={"state": "queued", "dag_id": "hello"},
            answer={"dag_runs": [QUEUED]},
        ),
        Example(
            "after",
            "The runs of a batch after a given one",
            parameters={"start": "etl_0000002_2017-09-02T12:00:00", "prefix": "etl_", "external_trigger": True},
            answer={"dag_runs": [QUEUED, ORDERS]},
        ),
    ),
    "get_run": (
        Example(
            "run",
            "A run that has ended",
            parameters={"dag_run_id": "etl_0000001_2017-09-01T12:00:00"},
            answer={"dag_run": FIRST},
        ),
        Example(
            "of_dag",
            "The run of one DAG, when others may have the same run id",
            parameters={"dag_run_id": "scheduled__2017-09-19T12:00:00+00:00", "dag_id": "hello"},
            answer={"dag_run": SCHEDULED},
        ),
    ),
    "get_batch": (
        Example(
            "batch",
            "A batch in two DAGs",
            parameters={"prefix": "etl"},
            answer={
                "prefix": "etl",
                "total": 4,
                "states": {"failed": 1, "queued": 1, "running": 1, "success": 1},
                "cancelled": 0,
                "percent_done": 50.0,
                "first_execution": "2017-09-01 06:30:00",
                "last_execution": "2017-09-03 12:00:00",
                "first_queued": "2017-09-01 06:30:00",
                "last_ended": "2017-09-20 18:11:02.190813",
                **ORDINARY,
                "dags": [ORDERS_PROGRESS, {"dag_id": "hello", **HELLO_PROGRESS}],
            },
        ),
        Example(
            "of_dag",
            "The part of the batch in one DAG",
            parameters={"prefix": "etl", "dag_id": "hello"},
            answer={"prefix": "etl", **HELLO_PROGRESS, "dags": [{"dag_id": "hello", **HELLO_PROGRESS}]},
        ),
    ),
    "get_about": (
        Example(
            "about",
            "A database of Airflow 3.1, in which runs can be created",
            answer={
                "version": version("dagrun-api"),
                "backend": "PostgreSQL",
                "airflow": "3.1",
                "head": "cc92b33c6709",
                "writable": True,
                "reason": "None",
                "native_backfills": True,
                "retries": "airflow",
            },
        ),
    ),
    "get_openapi": (Example("document", "The document itself", external="openapi.json"),),
    "healthz": (Example("alive", "The process is alive", answer={"status": "alive"}),),
    "readyz": (Example("ready", "The service is ready", answer={"status": "ready"}),),
    "metrics": (Example("metrics", "One line of many", answer="# TYPE dagrun_api_runs_created_total counter"),),
    "create_runs": (
        Example(
            "window",
            "One run for each tick in three days",
            body=_window("first", "2017-09-05T00:00:00Z", "2017-09-07T23:59:59Z") | {"conf": {"why": "try it"}},
            answer=_created(
                "first_0000001_2017-09-05T12:00:00",
                "first_0000002_2017-09-06T12:00:00",
                "first_0000003_2017-09-07T12:00:00",
            ),
        ),
        Example(
            "resumed",
            "A window in which three dates already have a run",
            body=_window("etl", "2017-09-01T00:00:00Z", "2017-09-04T23:59:59Z"),
            answer=_created(
                "etl_0000004_2017-09-04T12:00:00",
                skipped=(
                    "etl_0000001_2017-09-01T12:00:00",
                    "etl_0000002_2017-09-02T12:00:00",
                    "etl_0000003_2017-09-03T12:00:00",
                ),
            ),
        ),
        Example(
            "partial",
            "The earliest two runs of a longer window",
            body=_window("part", "2017-01-01T00:00:00Z", "2017-08-31T23:59:59Z") | {"limit": 2, "partial": True},
            answer=_created("part_0000001_2017-01-01T12:00:00", "part_0000002_2017-01-02T12:00:00", truncated=True),
        ),
        Example(
            "now",
            "One run now, of a paused DAG",
            body={"dag_id": "amsterdam_orders"},
            answer=_created(
                "manual_0000001_2017-09-20T18:30:00",
                warnings=["Dag id amsterdam_orders is paused: its runs wait until it is unpaused."],
            ),
        ),
        Example(
            "list",
            "An explicit list of runs",
            body={
                "dag_id": "hello",
                "prefix": "again",
                "conf": {"why": "late data"},
                "runs": [
                    {"execution_date": "2017-08-01T12:00:00Z"},
                    {"execution_date": "2017-08-15T12:00:00Z", "conf": {"why": "new rates"}},
                ],
            },
            answer=_created("again_0000001_2017-08-01T12:00:00", "again_0000002_2017-08-15T12:00:00"),
        ),
        Example(
            "limited",
            "A native backfill, of which two runs may be active at once",
            body=_window("june", "2017-06-01T00:00:00Z", "2017-06-03T23:59:59Z") | {"max_active_runs": 2},
            answer=_created(
                "june_0000001_2017-06-01T12:00:00",
                "june_0000002_2017-06-02T12:00:00",
                "june_0000003_2017-06-03T12:00:00",
                run_type="backfill",
                backfill_id=2,
                max_active_runs=2,
            ),
        ),
        Example(
            "dry_run",
            "A dry run",
            body=_window("look", "2017-09-18T00:00:00Z", "2017-09-20T18:00:00Z") | {"dry_run": True},
            answer=_created(
                "look_0000001_2017-09-18T12:00:00",
                skipped=("scheduled__2017-09-19T12:00:00+00:00",),
                warnings=["Ticks from 2017-09-20T12:00:00Z on are not due yet; no run was created for them."],
                runs=[_planned("look_0000001_2017-09-18T12:00:00", "2017-09-18 12:00:00", "2017-09-19 12:00:00")],
            ),
        ),
    ),
    "set_paused": (
        Example(
            "pause",
            "Pause a DAG",
            parameters={"dag_id": "hello", "paused": "true"},
            answer={"dag_id": "hello", "is_paused": True},
        ),
        Example(
            "unpause",
            "Unpause a DAG",
            parameters={"dag_id": "amsterdam_orders", "paused": "false"},
            answer={"dag_id": "amsterdam_orders", "is_paused": False},
        ),
    ),
    "pause_batch": (
        Example(
            "pause",
            "Pause a native backfill",
            parameters={"prefix": "july", "paused": "true"},
            answer={"prefix": "july", "is_paused": True, "dag_ids": ["amsterdam_orders"]},
        ),
        Example(
            "continue",
            "Continue with it",
            parameters={"prefix": "july", "paused": "false", "dag_id": "amsterdam_orders"},
            answer={"prefix": "july", "is_paused": False, "dag_ids": ["amsterdam_orders"]},
        ),
    ),
    "cancel_batch": (
        Example(
            "cancel",
            "One run had not started",
            parameters={"prefix": "etl", "dag_id": "hello"},
            answer={
                "prefix": "etl",
                "cancelled": 1,
                "started": 1,
                "ended": 1,
                "truncated": False,
                "cancelled_dag_run_ids": ["etl_0000003_2017-09-03T12:00:00"],
            },
        ),
    ),
    "retry_batch": (
        Example(
            "retry",
            "The tasks of one run had failed, and run again",
            parameters={"prefix": "etl", "dag_id": "amsterdam_orders"},
            answer=_RETRIED,
        ),
        Example(
            "dry_run",
            "What a retry in all DAGs would do",
            parameters={"prefix": "etl", "all_dags": True, "dry_run": True},
            answer=_RETRIED,
        ),
    ),
}
"""Name of a route -> its examples, the simplest first."""
