"""The examples of requests for runs."""

from __future__ import annotations

from collections.abc import Mapping

from dagrun_api.web.openapi.examples.example import Example
from dagrun_api.web.openapi.examples.rows import (
    FIRST,
    FIRST_DETAIL,
    ORDERS,
    QUEUED,
    SCHEDULED,
    SCHEDULED_DETAIL,
)

__all__ = ["EXAMPLES"]

EXAMPLES: Mapping[str, tuple[Example, ...]] = {
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
            answer={"dag_run": FIRST_DETAIL},
        ),
        Example(
            "of_dag",
            "The run of one DAG, when others may have the same run id",
            parameters={"dag_run_id": "scheduled__2017-09-19T12:00:00+00:00", "dag_id": "hello"},
            answer={"dag_run": SCHEDULED_DETAIL},
        ),
    ),
}
