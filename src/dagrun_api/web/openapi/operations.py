"""What the OpenAPI document says about each route, apart from what the table of routes says itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dagrun_api.model import MAX_PAGE

__all__ = [
    "CANCEL_BATCH",
    "CREATE_RUNS",
    "ERRORS",
    "GET_ABOUT",
    "GET_BATCH",
    "GET_DAG",
    "GET_OPENAPI",
    "GET_RUN",
    "HEALTHZ",
    "JSON",
    "LATEST_RUNS",
    "LIST_DAGS",
    "LIST_RUNS",
    "LIST_TICKS",
    "METRICS",
    "PAUSE_BATCH",
    "READYZ",
    "RETRY_BATCH",
    "SET_PAUSED",
    "TAGS",
    "Operation",
    "ref",
]

JSON = "application/json"

TAGS = {
    "DAGs": "The DAGs in the DagBag.",
    "DAG runs": "List runs, and create them in batches.",
    "Batches": "Follow, cancel or retry a batch. Its name is the prefix of its run ids: `<prefix>_<number>_<date>`.",
    "Service": "The service itself.",
}
"""Tag -> its description, in reading order."""

ERRORS = {
    400: "The request is not valid. The sentence says what to send instead.",
    401: "The token is missing or wrong.",
    403: "The token does not allow this request: it is read-only, or limited to other DAGs. With a limited token, "
    "`dag_id` may be required. If the service has no token: it does not answer to this host.",
    404: "The path names something that does not exist.",
    405: "The path does not support this method. The header `Allow` lists the supported ones.",
    408: "The body took too long to arrive.",
    409: "The state of the data forbids it: several DAGs have this run, or the service must not write to this schema.",
    413: "The body is too large.",
    500: "Internal error. The log of the service has it under the request id.",
    503: "The database cannot answer now. The header `Retry-After` says when to retry.",
}
"""Status -> what it means."""


def ref(kind: str, name: str) -> dict[str, str]:
    """Return a reference to a component of the document."""
    return {"$ref": f"#/components/{kind}/{name}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The documentation of one route."""

    tag: str
    summary: str
    description: str
    answer: Mapping[str, Any]
    """The schema of the payload in the envelope, or of the whole answer if it has no envelope."""
    errors: tuple[int, ...] = ()
    """The error statuses that do not follow from the entry of the route."""
    body: Mapping[str, Any] | None = None
    """The schema of the request body."""
    headers: tuple[str, ...] = ()
    """The response headers of a 200, apart from the request id."""
    is_conditional: bool = False
    """Whether the route supports `If-None-Match` and answers 304."""
    is_enveloped: bool = True
    media_type: str = JSON


def _payload(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": ref("schemas", name)}


_STATUS = {"type": "string", "description": "One word."}

LIST_DAGS = Operation(
    tag="DAGs",
    summary="List DAGs",
    description="All DAGs in the DagBag that the token covers, ordered by `dag_id`.",
    answer=_payload(dags=_many("Dag")),
)

GET_DAG = Operation(
    tag="DAGs",
    summary="Get a DAG and its schedule",
    description="One DAG in the DagBag: when it runs, when its next scheduled run is due, and how many of its runs are "
    "active. If its serialized form is missing or damaged, what depends on it is `None`, and `unlistable` says why.",
    answer=_payload(dag=ref("schemas", "DagDetail")),
    errors=(404,),
)

LATEST_RUNS = Operation(
    tag="DAGs",
    summary="List the latest run of each DAG",
    description="For each DAG in the DagBag that the token covers, the run with the latest execution date, ordered by "
    "`dag_id`. DAGs without runs are left out.",
    answer=_payload(dag_runs=_many("DagRun")),
)

SET_PAUSED = Operation(
    tag="DAGs",
    summary="Pause or unpause a DAG",
    description="Airflow starts no runs of a paused DAG. The request is idempotent.",
    answer=ref("schemas", "Paused"),
    errors=(404, 409),
)

LIST_TICKS = Operation(
    tag="DAGs",
    summary="List the schedule of a DAG with its runs",
    description="The ticks of the schedule from `start_date` to `end_date`, each with the run on its date: which dates "
    "are missing, which runs failed. A batch of the same window skips those that have a run, and creates the missing "
    "ones. Dates beyond those of the DAG are left out. If the window holds more ticks than `limit`, the header `Link` "
    "holds the address of the next page; `counts` is about the ticks of one page.",
    answer=ref("schemas", "Ticks"),
    headers=("Link",),
    errors=(404,),
)

LIST_RUNS = Operation(
    tag="DAG runs",
    summary="List runs, page by page",
    description="Runs ordered by `id`, the oldest first, or with `order=desc` the newest. If there are more, the "
    "header `Link` holds the address of the next page. Ids only grow, so a client that follows the links sees each run "
    "that existed at the start exactly once.\n\nWith `dag_id`, the database reads only the runs of that DAG. Other "
    "filters alone scan the table until the page is full.",
    answer=_payload(dag_runs={**_many("DagRun"), "maxItems": MAX_PAGE}),
    headers=("Link",),
)

CREATE_RUNS = Operation(
    tag="DAG runs",
    summary="Create a batch of runs",
    description="Creates all runs or none: one run for each tick of the DAG's schedule from `start_date` to "
    "`end_date`, the same ticks that a backfill in Airflow would use. Without either date, it creates one manual run "
    "now. If both dates are equal, it creates the run of the tick at that time, or a manual run if there is no tick."
    "\n\nDates that already have a run are skipped and reported, so the request is safe to repeat. Ticks that are not "
    "due yet are left out, and `warnings` says so. For a backfill longer than `limit`, send the same request with "
    "`partial` set to true until `truncated` is false.\n\nUntil it is worked off, a batch delays the scheduled runs of "
    "its DAG, or keeps Airflow from creating them. With `max_active_runs` it does not: the batch is then one of the "
    "backfills of Airflow 3.\n\nThe body must be JSON, whatever its `Content-Type` says. "
    "Unknown keys are refused.",
    body=ref("schemas", "Batch"),
    answer=ref("schemas", "Result"),
    errors=(408, 409, 413),
)

GET_RUN = Operation(
    tag="DAG runs",
    summary="Get a run",
    description="The run with this run id. If several DAGs have it, `dag_id` is required; without it, the answer is "
    "409.",
    answer=_payload(dag_run=ref("schemas", "DagRun")),
    errors=(404, 409),
)

GET_BATCH = Operation(
    tag="Batches",
    summary="Get the progress of a batch",
    description="How many runs are in each state, in total and for each DAG. To poll, send the `ETag` of the last "
    "answer as `If-None-Match`: as long as nothing has changed, the answer is an empty 304.",
    answer=ref("schemas", "BatchProgress"),
    headers=("ETag",),
    is_conditional=True,
    errors=(404,),
)

CANCEL_BATCH = Operation(
    tag="Batches",
    summary="Cancel the runs of a batch that have not started",
    description="Sets all runs of the batch without task instances to `failed`. Runs that Airflow has started, or is "
    "about to start, do not change. Each 10,000 runs are one transaction. A call ends after a few seconds: if "
    "`truncated` is true then, send it again to go on.",
    answer=ref("schemas", "Cancellation"),
    errors=(404, 409),
)

RETRY_BATCH = Operation(
    tag="Batches",
    summary="Retry the failed runs of a batch",
    description="Failed runs without any task instance, such as cancelled ones, are queued again. Failed runs whose "
    "tasks have started are cleared by Airflow's own API if the options `airflow_url` and credentials are set: their "
    "failed tasks run again (on Airflow 2 all their tasks), and Airflow keeps the history of tries. The others are "
    "left, and `warnings` says why. In the built-in database, which has no task instances, all failed runs are queued "
    "again.\n\nAirflow clears at most 500 runs in one request, and a request ends within half a minute: if `truncated` "
    "is true then, send it again to go on. With `dry_run=true` it answers what it would do, and changes nothing.",
    answer=ref("schemas", "Retry"),
    errors=(404, 409),
)

PAUSE_BATCH = Operation(
    tag="Batches",
    summary="Pause a native backfill, or continue with it",
    description="Airflow starts no run of a paused backfill; runs that have started finish. The request is idempotent, "
    "and Airflow's own page and API do the same. A batch of ordinary runs, and one that has ended, cannot be paused.",
    answer=ref("schemas", "PausedBatch"),
    errors=(404, 409),
)

GET_ABOUT = Operation(
    tag="Service",
    summary="Get what this installation can do",
    description="The version of the service, the Airflow whose database it works on, and whether runs could be created "
    "now. It answers 200 also where they could not. Any token may read it.",
    answer=ref("schemas", "About"),
)

GET_OPENAPI = Operation(
    tag="Service",
    summary="Get this document",
    description="The API as an OpenAPI 3.1 document. Any token may read it.",
    answer={"type": "object", "description": "An OpenAPI document."},
    is_enveloped=False,
)

HEALTHZ = Operation(
    tag="Service",
    summary="Check that the process is alive",
    description="For an orchestrator that restarts dead processes. It does not use the database.",
    answer=_payload(status={**_STATUS, "const": "alive"}),
)

READYZ = Operation(
    tag="Service",
    summary="Check that the service can create runs",
    description="For a load balancer. Answers 200 if the database answers and nothing forbids the service to write: "
    "neither its schema, nor a read-only server or file, nor a missing privilege. Otherwise 503 with the reason. It "
    "asks the database at most once a second, however often it is called.",
    answer=_payload(status={**_STATUS, "const": "ready"}),
)

METRICS = Operation(
    tag="Service",
    summary="Get metrics",
    description="Metrics for Prometheus, in its text format, or as OpenMetrics if `Accept` asks for it: requests, "
    "runs, the connection pool and database errors. Any token may read them.",
    answer={"type": "string"},
    is_enveloped=False,
    media_type="text/plain",
)
