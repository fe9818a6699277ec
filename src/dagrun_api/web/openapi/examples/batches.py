"""The examples of requests about batches."""

from __future__ import annotations

from collections.abc import Mapping

from dagrun_api.web.openapi.examples.example import Example
from dagrun_api.web.openapi.examples.rows import HELLO_PROGRESS, JULY_PROGRESS, ORDERS_PROGRESS, ORDINARY

__all__ = ["EXAMPLES"]

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
    "list_batches": (
        Example(
            "page",
            "The two newest batches; the first one is a native backfill",
            parameters={"limit": 2},
            answer={"batches": [{"prefix": "july", **JULY_PROGRESS}, {"prefix": "etl", **ORDERS_PROGRESS}]},
        ),
        Example(
            "of_dag",
            "The batches of one DAG",
            parameters={"dag_id": "hello", "limit": 10},
            answer={"batches": [{"prefix": "etl", "dag_id": "hello", **HELLO_PROGRESS}]},
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
