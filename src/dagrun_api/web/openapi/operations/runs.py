"""The operations on runs."""

from __future__ import annotations

from dagrun_api.model import MAX_PAGE
from dagrun_api.web.openapi.operations.operation import Operation, many, payload
from dagrun_api.web.schemas.values import named

__all__ = ["CREATE_RUNS", "GET_RUN", "LIST_RUNS"]

LIST_RUNS = Operation(
    tag="runs",
    summary="List runs, page by page",
    description="Runs ordered by `id`, the oldest first, or with `order=desc` the newest. If there are more, the "
    "header `Link` holds the address of the next page. Ids only grow, so a client that follows the links sees each run "
    "that existed at the start exactly once.\n\nWith `dag_id`, the database reads only the runs of that DAG. Other "
    "filters alone scan the table until the page is full.",
    answer=payload(dag_runs={**many("DagRun"), "maxItems": MAX_PAGE}),
    headers=("Link",),
)

CREATE_RUNS = Operation(
    tag="runs",
    summary="Create a batch of runs",
    description="Creates all runs or none: one run for each tick of the DAG's schedule from `start_date` to "
    "`end_date`, the same ticks that a backfill in Airflow would use. Without either date, it creates one manual run "
    "now. If both dates are equal, it creates the run of the tick at that time, or a manual run if there is no tick. "
    "If the DAG is unknown, the answer is 400; where the path names a DAG, it is 404.\n\nDates that already have a run "
    "are skipped and reported, so the request is safe to repeat. Ticks that are not due yet are left out, and "
    "`warnings` says so. For a backfill longer than `limit`, send the same request with `partial` set to true until "
    "`truncated` is false.\n\nUntil it is worked off, a batch delays the scheduled runs of "
    "its DAG, or keeps Airflow from creating them. With `max_active_runs` it does not: the batch is then one of the "
    "backfills of Airflow 3.\n\nThe body must be JSON, whatever its `Content-Type` says. "
    "Unknown keys are refused.",
    body=named("CreateRuns"),
    answer=named("CreatedRuns"),
    errors=(408, 409, 413),
)

GET_RUN = Operation(
    tag="runs",
    summary="Get a run",
    description="The run with this run id in full: also its data interval, how long it took, and its conf. If several "
    "DAGs have it, `dag_id` is required; without it, the answer is 409.",
    answer=payload(dag_run=named("DagRunDetail")),
    errors=(409,),
)
