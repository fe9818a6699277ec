"""The operations on batches."""

from __future__ import annotations

from dagrun_api.model import MAX_BATCHES
from dagrun_api.web.openapi.operations.operation import Operation, many, payload
from dagrun_api.web.schemas.values import named

__all__ = ["CANCEL_BATCH", "GET_BATCH", "LIST_BATCHES", "PAUSE_BATCH", "RETRY_BATCH"]

LIST_BATCHES = Operation(
    tag="batches",
    summary="List batches",
    description="The batches of a DAG, or of all DAGs, with their progress, the one with the newest run first. If "
    "there may be more, the header `Link` holds the address of the next page. The work for a page is bounded, so a "
    "page may hold fewer batches than `limit`, or none, and still have a next one.",
    answer=payload(batches={**many("Batch"), "maxItems": MAX_BATCHES}),
    headers=("Link",),
)

GET_BATCH = Operation(
    tag="batches",
    summary="Get the progress of a batch",
    description="How many runs are in each state, in total and for each DAG. To poll, send the `ETag` of the last "
    "answer as `If-None-Match`: as long as nothing has changed, the answer is an empty 304.",
    answer=named("BatchProgress"),
    headers=("ETag",),
    is_conditional=True,
)

CANCEL_BATCH = Operation(
    tag="batches",
    summary="Cancel the runs of a batch that have not started",
    description="Sets all runs of the batch without task instances to `failed`. Runs that Airflow has started, or is "
    "about to start, do not change. Each 10,000 runs are one transaction. A call ends after a few seconds: if "
    "`truncated` is true then, send it again to go on.",
    answer=named("CancelledRuns"),
    errors=(409,),
)

PAUSE_BATCH = Operation(
    tag="batches",
    summary="Pause a native backfill, or continue with it",
    description="Airflow starts no run of a paused backfill; runs that have started finish. The request is idempotent, "
    "and Airflow's own page and API do the same. A batch of ordinary runs, and one that has ended, cannot be paused.",
    answer=named("PausedBatch"),
    errors=(409,),
)

RETRY_BATCH = Operation(
    tag="batches",
    summary="Retry the failed runs of a batch",
    description="Failed runs without any task instance, such as cancelled ones, are queued again. Failed runs whose "
    "tasks have started are cleared by Airflow's own API if the options `airflow_url` and credentials are set: their "
    "failed tasks run again (on Airflow 2 all their tasks), and Airflow keeps the history of tries. The others are "
    "left, and `warnings` says why. In the built-in database, which has no task instances, all failed runs are queued "
    "again.\n\nAirflow clears at most 500 runs in one request, and a request ends within half a minute: if `truncated` "
    "is true then, send it again to go on. With `dry_run=true` it answers what it would do, and changes nothing.",
    answer=named("RetriedRuns"),
    errors=(409,),
)
