"""The handlers of the API: read the request, call the service, shape the answer."""

from __future__ import annotations

from aiohttp import web

from dagrun_api.airflow.progress import total
from dagrun_api.airflow.rules import shown
from dagrun_api.airflow.run_ids import canonical
from dagrun_api.web import audit
from dagrun_api.web.body import read_object
from dagrun_api.web.envelope import json_response, success, tagged
from dagrun_api.web.query import read_query
from dagrun_api.web.runtime import RIGHTS, RUNTIME
from dagrun_api.web.schemas.columns import Listing
from dagrun_api.web.schemas.requests.batches import BatchesQuery, BatchWriteQuery, RetryQuery
from dagrun_api.web.schemas.requests.creation import CREATION
from dagrun_api.web.schemas.requests.runs import RunQuery, RunsQuery
from dagrun_api.web.schemas.requests.schema import NoQuery
from dagrun_api.web.schemas.requests.ticks import TicksQuery
from dagrun_api.web.schemas.responses.batches import (
    CancellationSchema,
    PausedBatchSchema,
    ProgressSchema,
    RetrySchema,
)
from dagrun_api.web.schemas.responses.creation import BatchResultSchema, PlannedRunSchema
from dagrun_api.web.schemas.responses.dags import DagDetailSchema, DagSchema, PausedSchema
from dagrun_api.web.schemas.responses.runs import RunDetailSchema, RunSchema
from dagrun_api.web.schemas.responses.schema import dumped
from dagrun_api.web.schemas.responses.service import AboutSchema
from dagrun_api.web.schemas.responses.ticks import TickSchema

__all__ = [
    "cancel_batch",
    "create_runs",
    "get_about",
    "get_batch",
    "get_dag",
    "get_openapi",
    "get_run",
    "list_batches",
    "list_dags",
    "list_latest_runs",
    "list_runs",
    "list_ticks",
    "pause_batch",
    "pause_dag",
    "retry_batch",
]

_DAGS = Listing(DagSchema())
_RUNS = Listing(RunSchema())
_TICKS = Listing(TickSchema())
_PLANNED_RUNS = Listing(PlannedRunSchema())
_BATCH_RESULT = BatchResultSchema()
_PROGRESS = ProgressSchema(exclude=("dag_id",))
_PROGRESS_OF_DAG = ProgressSchema()
_PROGRESS_OF_DAGS = ProgressSchema(many=True)
_CANCELLATION = CancellationSchema()
_RETRY = RetrySchema()
_PAUSED = PausedSchema()
_PAUSED_BATCH = PausedBatchSchema()
_DAG_DETAIL = DagDetailSchema()
_RUN_DETAIL = Listing(RunDetailSchema())
_ABOUT = AboutSchema()


async def list_dags(request: web.Request) -> web.Response:
    """Answer every DAG in the DagBag."""
    read_query(request, NoQuery)
    dags = await request.app[RUNTIME].service.dags()
    return success({"dags": _DAGS.dump(request[RIGHTS].visible(dags))})


async def get_dag(request: web.Request) -> web.Response:
    """Answer one DAG with its schedule."""
    read_query(request, NoQuery)
    dag_id = request.match_info["dag_id"]
    request[RIGHTS].require_dag(dag_id)
    return success({"dag": dumped(_DAG_DETAIL, await request.app[RUNTIME].service.dag(dag_id))})


async def list_latest_runs(request: web.Request) -> web.Response:
    """Answer the latest run of each DAG in the DagBag."""
    read_query(request, NoQuery)
    runs = await request.app[RUNTIME].service.latest_runs()
    return success({"dag_runs": _RUNS.dump(request[RIGHTS].visible(runs))})


async def pause_dag(request: web.Request) -> web.Response:
    """Pause or unpause a DAG."""
    read_query(request, NoQuery)
    dag_id, paused = request.match_info["dag_id"], request.match_info["paused"] == "true"
    request[RIGHTS].require_dag(dag_id)
    with audit.noted(request, "set_paused", dag_id=dag_id, paused=paused):
        await request.app[RUNTIME].service.set_paused(dag_id, paused, audit.actor(request))
    return success(dumped(_PAUSED, {"dag_id": dag_id, "is_paused": paused}))


async def list_ticks(request: web.Request) -> web.Response:
    """Answer one page of the schedule of a DAG, with its runs."""
    query = read_query(request, TicksQuery)
    dag_id = request.match_info["dag_id"]
    request[RIGHTS].require_dag(dag_id)
    page = await request.app[RUNTIME].service.ticks(dag_id, query.start_date, query.end_date, limit=query.limit)
    headers: dict[str, str] = {}
    if page.next_start is not None:
        window = {"start_date": shown(page.next_start), "end_date": shown(page.end)}
        headers["Link"] = f'<{request.rel_url.update_query(window)}>; rel="next"'
    return success({"ticks": _TICKS.dump(page.ticks), "counts": page.counts, "warnings": page.notes}, headers)


async def list_runs(request: web.Request) -> web.Response:
    """Answer one page of runs."""
    query = read_query(request, RunsQuery)
    request[RIGHTS].require_dag(query.wanted.dag_id)
    page = await request.app[RUNTIME].service.runs(
        query.wanted, start=query.start, limit=query.limit, newest_first=query.newest_first
    )
    headers: dict[str, str] = {}
    if page.last_id is not None:
        following = request.rel_url.update_query(start=str(page.last_id))
        headers["Link"] = f'<{following}>; rel="next"'
    return success({"dag_runs": _RUNS.dump(page.runs)}, headers)


async def create_runs(request: web.Request) -> web.Response:
    """Create a batch of runs."""
    runtime = request.app[RUNTIME]
    body = await read_object(request, max_size=runtime.settings.max_body, timeout=runtime.settings.body_timeout)
    read_query(request, NoQuery)
    wanted = CREATION.read(body)
    request[RIGHTS].require_dag(wanted.dag_id)
    asked = {"dag_id": wanted.dag_id, "prefix": wanted.prefix, **audit.window(wanted)}
    if wanted.max_active_runs is not None:
        asked["max_active_runs"] = wanted.max_active_runs
    with audit.noted(request, "create_batch", **asked) as line:
        line.is_write = not wanted.dry_run
        result = await runtime.service.create_batch(wanted, audit.actor(request))
        line.fields |= {"runs_created": len(result.runs), "runs_skipped": result.skipped}
        if result.backfill_id is not None:
            line.fields["backfill_id"] = result.backfill_id
    is_native = result.backfill is not None
    runtime.metrics.batch(len(result.runs), result.skipped, is_dry_run=wanted.dry_run, is_native=is_native)
    planned = {"runs": _PLANNED_RUNS.dump(result.runs)} if wanted.dry_run else {}
    return success({**dumped(_BATCH_RESULT, result), **planned})


async def get_run(request: web.Request) -> web.Response:
    """Answer one run in full."""
    query = read_query(request, RunQuery)
    request[RIGHTS].require_dag(query.dag_id)
    run = await request.app[RUNTIME].service.run(request.match_info["dag_run_id"], query.dag_id)
    return success({"dag_run": _RUN_DETAIL.dump([run])[0]})


async def list_batches(request: web.Request) -> web.Response:
    """Answer one page of batches."""
    query = read_query(request, BatchesQuery)
    request[RIGHTS].require_dag(query.dag_id)
    page = await request.app[RUNTIME].service.batches(query.dag_id, start=query.start, limit=query.limit)
    headers: dict[str, str] = {}
    if page.next_start is not None:
        headers["Link"] = f'<{request.rel_url.update_query(start=str(page.next_start))}>; rel="next"'
    listed = [{"prefix": each.prefix, **dumped(_PROGRESS_OF_DAG, each.progress)} for each in page.batches]
    return success({"batches": listed}, headers)


async def get_batch(request: web.Request) -> web.Response:
    """Answer the progress of a batch."""
    query = read_query(request, RunQuery)
    request[RIGHTS].require_dag(query.dag_id)
    asked = request.match_info["prefix"]
    parts = await request.app[RUNTIME].service.progress(canonical(asked), query.dag_id)
    whole = dumped(_PROGRESS, total(parts))
    return tagged(request, success({"prefix": asked, **whole, "dags": dumped(_PROGRESS_OF_DAGS, parts)}))


async def pause_batch(request: web.Request) -> web.Response:
    """Pause the native backfills of a batch, or continue with them."""
    query = read_query(request, BatchWriteQuery)
    request[RIGHTS].require_dag(query.dag_id)
    asked, paused = request.match_info["prefix"], request.match_info["paused"] == "true"
    prefix = canonical(asked)
    with audit.noted(request, "pause_batch", dag_id=query.dag_id or "-", prefix=prefix, paused=paused):
        dag_ids = await request.app[RUNTIME].service.pause_batch(
            prefix, query.dag_id, paused, audit.actor(request), all_dags=query.all_dags
        )
    return success(dumped(_PAUSED_BATCH, {"prefix": asked, "is_paused": paused, "dag_ids": dag_ids}))


async def cancel_batch(request: web.Request) -> web.Response:
    """Cancel the runs of a batch that have not started."""
    query = read_query(request, BatchWriteQuery)
    request[RIGHTS].require_dag(query.dag_id)
    asked = request.match_info["prefix"]
    prefix = canonical(asked)
    runtime = request.app[RUNTIME]
    with audit.noted(request, "cancel_batch", dag_id=query.dag_id or "-", prefix=prefix) as line:
        found = await runtime.service.cancel(prefix, query.dag_id, audit.actor(request), all_dags=query.all_dags)
        line.is_write = found.cancelled > 0
        line.fields |= {f"runs_{name}": count for name, count in found.counts.items()}
    runtime.metrics.cancelled(found.cancelled)
    return success({"prefix": asked, **dumped(_CANCELLATION, found)})


async def retry_batch(request: web.Request) -> web.Response:
    """Put the failed runs of a batch back into the queue."""
    query = read_query(request, RetryQuery)
    request[RIGHTS].require_dag(query.dag_id)
    asked = request.match_info["prefix"]
    prefix = canonical(asked)
    runtime = request.app[RUNTIME]
    with audit.noted(request, "retry_batch", dag_id=query.dag_id or "-", prefix=prefix) as line:
        line.is_write = not query.dry_run
        found = await runtime.service.retry(
            prefix, query.dag_id, audit.actor(request), all_dags=query.all_dags, dry_run=query.dry_run
        )
        line.is_write = not query.dry_run and found.requeued + found.cleared > 0
        line.fields |= {f"runs_{name}": count for name, count in found.counts.items()}
    if not query.dry_run:
        runtime.metrics.retried(found.requeued, found.cleared)
    return success({"prefix": asked, **dumped(_RETRY, found)})


async def get_about(request: web.Request) -> web.Response:
    """Answer what a client may ask of this installation."""
    read_query(request, NoQuery)
    return success(dumped(_ABOUT, await request.app[RUNTIME].service.about()))


async def get_openapi(request: web.Request) -> web.Response:
    """Answer the OpenAPI document, without the envelope."""
    return json_response(200, request.app[RUNTIME].document())
