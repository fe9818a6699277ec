"""The operations of the API as data for the OpenAPI document; another one is one more entry here and in `examples`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import Schema

from dagrun_api.model import MAX_PAGE
from dagrun_api.web.schemas.requests import RunQuerySchema, RunsQuerySchema

__all__ = ["ERRORS", "JSON", "OPERATIONS", "TAGS", "Operation", "ref"]

JSON = "application/json"

TAGS = {
    "DAGs": "What there is to run.",
    "DAG runs": "Listing runs, and creating them in batches.",
    "Batches": "Following a batch and ending it. Its name is the prefix of its run ids: `<prefix>_<number>_<date>`.",
    "Service": "The service itself.",
}
"""Tag -> what it stands for, in the order of a reader."""

ERRORS = {
    400: "The request cannot be accepted; the sentence says what to send instead.",
    401: "No token, or a wrong one.",
    403: "The token does not allow this: it may only read, or is for other DAGs; `dag_id` may have to be given.",
    404: "What the path names does not exist.",
    405: "The path does not know this method; the header `Allow` names those that it knows.",
    408: "The body took too long to arrive.",
    409: "The state of the data forbids it: several DAGs have this run, or this schema must not be written to.",
    413: "The body is too large.",
    500: "A fault of the service; the log has it under the request id.",
    503: "The database cannot answer now; the header `Retry-After` says when to repeat the request.",
}
"""Status -> what it means."""


def ref(kind: str, name: str) -> dict[str, str]:
    """Return a reference to a component of the document."""
    return {"$ref": f"#/components/{kind}/{name}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path; `name` is its `operationId`, which its examples go by, too."""

    name: str
    method: str = "get"
    path: str
    tag: str
    summary: str
    description: str
    answer: Mapping[str, Any]
    """The schema of what is in the envelope, or of the whole answer where there is none."""
    errors: tuple[int, ...] = ()
    """The statuses of `ERRORS` that are possible besides 405."""
    in_path: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    """Parameter -> its description and schema."""
    query: type[Schema] | None = None
    body: Mapping[str, Any] | None = None
    headers: tuple[str, ...] = ()
    """Response headers, besides the request id, of an answer with 200."""
    is_conditional: bool = False
    """Whether it knows `If-None-Match` and answers 304."""
    is_open: bool = False
    """Whether no token is needed."""
    is_below_prefix: bool = True
    is_enveloped: bool = True
    media_type: str = JSON


def _text(description: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}}


def _payload(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _many(name: str) -> dict[str, Any]:
    return {"type": "array", "items": ref("schemas", name)}


_STATUS = {"type": "string", "description": "One word."}
_DAG_ID = _text("The DAG.")
_PREFIX = _text("The prefix of the batch, with or without the underscore at its end.")
_ALL, _SOME = (400, 401, 500, 503), (400, 401, 403, 500, 503)

OPERATIONS = (
    Operation(
        name="list_dags",
        path="/dags",
        tag="DAGs",
        summary="List the DAGs",
        description="Every DAG in the DagBag that the token is for, ordered by `dag_id`.",
        answer=_payload(dags=_many("Dag")),
        errors=_ALL,
    ),
    Operation(
        name="latest_runs",
        path="/latest_runs",
        tag="DAGs",
        summary="List the latest run of each DAG",
        description="Of each DAG in the DagBag that the token is for, the run with the latest execution date, ordered "
        "by `dag_id`. DAGs without a run are left out.",
        answer=_payload(dag_runs=_many("DagRun")),
        errors=_ALL,
    ),
    Operation(
        name="set_paused",
        method="post",
        path="/dags/{dag_id}/paused/{paused}",
        tag="DAGs",
        summary="Pause a DAG, or let it go on",
        description="While a DAG is paused, Airflow begins none of its runs. To say it twice changes nothing.",
        in_path={
            "dag_id": _DAG_ID,
            "paused": _text("`true` pauses it, `false` lets it go on.", enum=["true", "false"]),
        },
        answer=ref("schemas", "Paused"),
        errors=(*_SOME, 404, 409),
    ),
    Operation(
        name="list_runs",
        path="/dag_runs",
        tag="DAG runs",
        summary="List runs, a page at a time",
        description="Runs ordered by `id`. When more may follow, the header `Link` has the address of the next page. "
        "Ids only grow, so a reader who follows it sees each run that was there when it began, once.\n\nWith `dag_id` "
        "only the runs of that DAG are looked at; other filters alone walk through the table until the page is full.",
        query=RunsQuerySchema,
        answer=_payload(dag_runs={**_many("DagRun"), "maxItems": MAX_PAGE}),
        headers=("Link",),
        errors=_SOME,
    ),
    Operation(
        name="create_runs",
        method="post",
        path="/dag_runs",
        tag="DAG runs",
        summary="Create a batch of runs, all or none",
        description="One run for each tick of the DAG's schedule from `start_date` to `end_date`, those that Airflow "
        "itself would list for a backfill. Without either date it is a manual run at this moment; with both the same, "
        "the tick at that instant, or else a manual run at it.\n\nDates that have a run are skipped and reported, so "
        "that the request may be repeated. Ticks that may not run yet are left out, and `warnings` says so. A backfill "
        "longer than `limit` is the same request with `partial` true, repeated until `truncated` is false.\n\nThe body "
        "is JSON whatever its `Content-Type` says; keys that are not listed here are refused.",
        body=ref("schemas", "Batch"),
        answer=ref("schemas", "Result"),
        errors=(*_SOME, 408, 409, 413),
    ),
    Operation(
        name="get_run",
        path="/dag_runs/{dag_run_id}",
        tag="DAG runs",
        summary="Show one run",
        description="The run with this run id; 409 where several DAGs have it and `dag_id` does not choose one.",
        in_path={"dag_run_id": _text("The run id, percent-encoded; any character may stand in it.")},
        query=RunQuerySchema,
        answer=_payload(dag_run=ref("schemas", "DagRun")),
        errors=(*_SOME, 404, 409),
    ),
    Operation(
        name="get_batch",
        path="/batches/{prefix}",
        tag="Batches",
        summary="Show how far a batch is",
        description="The number of its runs in each state, in all and by DAG. To poll it, send the `ETag` of the last "
        "answer as `If-None-Match`: while nothing has changed, the answer is an empty 304.",
        in_path={"prefix": _PREFIX},
        query=RunQuerySchema,
        answer=ref("schemas", "BatchProgress"),
        headers=("ETag",),
        is_conditional=True,
        errors=(*_SOME, 404),
    ),
    Operation(
        name="cancel_batch",
        method="post",
        path="/batches/{prefix}/cancel",
        tag="Batches",
        summary="Cancel what has not started of a batch",
        description="Ends its runs without any task instance, as `failed` and in one transaction. What Airflow has "
        "started, or is just about to, is left to it.",
        in_path={"prefix": _PREFIX},
        query=RunQuerySchema,
        answer=ref("schemas", "Cancellation"),
        errors=(*_SOME, 404, 409),
    ),
    Operation(
        name="get_openapi",
        path="/openapi.json",
        tag="Service",
        summary="Show this document",
        description="The API as OpenAPI 3.1, for every token.",
        answer={"type": "object", "description": "An OpenAPI document."},
        is_enveloped=False,
        errors=(401,),
    ),
    Operation(
        name="healthz",
        path="/healthz",
        tag="Service",
        summary="Tell whether the process lives",
        description="It asks nothing of the database. For an orchestrator that restarts what does not answer.",
        answer=_payload(status={**_STATUS, "const": "alive"}),
        is_open=True,
        is_below_prefix=False,
    ),
    Operation(
        name="readyz",
        path="/readyz",
        tag="Service",
        summary="Tell whether runs could be created now",
        description="The database answers, and its schema is one that may be written to; else 503 with the reason. The "
        "database is asked at most once a second, however often this is. For a load balancer.",
        answer=_payload(status={**_STATUS, "const": "ready"}),
        is_open=True,
        is_below_prefix=False,
        errors=(500, 503),
    ),
    Operation(
        name="metrics",
        path="/metrics",
        tag="Service",
        summary="Show what was counted",
        description="For Prometheus, in its text format, or as OpenMetrics where `Accept` asks for that: requests, "
        "runs, the pool of connections, errors of the database. For every token.",
        answer={"type": "string"},
        is_below_prefix=False,
        is_enveloped=False,
        media_type="text/plain",
        errors=(401,),
    ),
)
