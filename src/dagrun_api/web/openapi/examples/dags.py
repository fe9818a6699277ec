"""The examples of requests about DAGs."""

from __future__ import annotations

from collections.abc import Mapping

from dagrun_api.web.openapi.examples.example import Example
from dagrun_api.web.openapi.examples.rows import HELLO_DAG, HELLO_DETAIL, ORDERS, ORDERS_DAG, SCHEDULED

__all__ = ["EXAMPLES"]

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
    "list_dags": (Example("dags", "Two DAGs, one of them paused", answer={"dags": [ORDERS_DAG, HELLO_DAG]}),),
    "get_dag": (
        Example("dag", "A DAG that runs every day", parameters={"dag_id": "hello"}, answer={"dag": HELLO_DETAIL}),
    ),
    "list_latest_runs": (
        Example("latest", "The latest run of each of two DAGs", answer={"dag_runs": [ORDERS, SCHEDULED]}),
    ),
    "pause_dag": (
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
}
