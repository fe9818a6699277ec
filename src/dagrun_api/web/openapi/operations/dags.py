"""The operations on DAGs."""

from __future__ import annotations

from dagrun_api.web.openapi.operations.operation import Operation, many, payload
from dagrun_api.web.schemas.values import named

__all__ = ["GET_DAG", "LIST_DAGS", "LIST_LATEST_RUNS", "LIST_TICKS", "PAUSE_DAG"]

LIST_DAGS = Operation(
    tag="dags",
    summary="List DAGs",
    description="All DAGs in the DagBag that the token covers, ordered by `dag_id`.",
    answer=payload(dags=many("Dag")),
)

GET_DAG = Operation(
    tag="dags",
    summary="Get a DAG and its schedule",
    description="One DAG in the DagBag: when it runs, when its next scheduled run is due, and how many of its runs are "
    "active. If its serialized form is missing or damaged, what depends on it is `None`, and `unlistable` says why.",
    answer=payload(dag=named("DagDetail")),
)

LIST_LATEST_RUNS = Operation(
    tag="dags",
    summary="List the latest run of each DAG",
    description="For each DAG in the DagBag that the token covers, the run with the latest execution date, ordered by "
    "`dag_id`. DAGs without runs are left out.",
    answer=payload(dag_runs=many("DagRun")),
)

PAUSE_DAG = Operation(
    tag="dags",
    summary="Pause or unpause a DAG",
    description="Airflow starts no runs of a paused DAG. The request is idempotent.",
    answer=named("PausedDag"),
    errors=(409,),
)

LIST_TICKS = Operation(
    tag="dags",
    summary="List the schedule of a DAG with its runs",
    description="The ticks of the schedule from `start_date` to `end_date`, each with the run on its date: which dates "
    "are missing, which runs failed. A batch of the same window skips those that have a run, and creates the missing "
    "ones. Dates beyond those of the DAG are left out. If the window holds more ticks than `limit`, the header `Link` "
    "holds the address of the next page; `counts` is about the ticks of one page.",
    answer=named("Ticks"),
    headers=("Link",),
)
