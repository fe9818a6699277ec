"""The handlers: read the request, ask the service, shape the answer."""

from __future__ import annotations

from aiohttp import web

from dagrun_api.airflow.progress import total
from dagrun_api.airflow.run_ids import canonical
from dagrun_api.model import MAX_BATCH, BatchRequest
from dagrun_api.web import audit
from dagrun_api.web.body import read_object
from dagrun_api.web.envelope import success, tagged
from dagrun_api.web.runtime import METRICS, RIGHTS, SERVICE, SETTINGS
from dagrun_api.web.schemas.columns import Listing
from dagrun_api.web.schemas.requests import (
    BatchSchema,
    NoQuery,
    NoQuerySchema,
    RunQuery,
    RunQuerySchema,
    RunsQuery,
    RunsQuerySchema,
    from_body,
    from_query,
)
from dagrun_api.web.schemas.responses import (
    BatchResultSchema,
    CancellationSchema,
    DagSchema,
    PausedSchema,
    PlannedRunSchema,
    ProgressSchema,
    RunSchema,
    dumped,
)

__all__ = [
    "cancel_batch",
    "create_runs",
    "get_batch",
    "get_run",
    "latest_runs",
    "list_dags",
    "list_runs",
    "set_paused",
]

_DAGS = Listing(DagSchema())
_NO_QUERY = NoQuerySchema()
_RUNS = Listing(RunSchema())
_PLANNED_RUNS = Listing(PlannedRunSchema())
_RUN_QUERY = RunQuerySchema()
_RUNS_QUERY = RunsQuerySchema()
_BATCH = BatchSchema()
_BATCH_RESULT = BatchResultSchema()
_PROGRESS = ProgressSchema(exclude=("dag_id",))
_PROGRESS_OF_DAGS = ProgressSchema(many=True)
_CANCELLATION = CancellationSchema()
_PAUSED = PausedSchema()


async def list_dags(request: web.Request) -> web.Response:
    """Answer every DAG in the DagBag."""
    from_query(_NO_QUERY, request.query, NoQuery)
    dags = await request.config_dict[SERVICE].dags()
    return success({"dags": _DAGS.dump(request[RIGHTS].visible(dags))})


async def list_runs(request: web.Request) -> web.Response:
    """Answer one page of runs."""
    query = from_query(_RUNS_QUERY, request.query, RunsQuery)
    request[RIGHTS].require_dag(query.wanted.dag_id)
    page = await request.config_dict[SERVICE].runs(query.wanted, start=query.start, limit=query.limit)
    headers: dict[str, str] = {}
    if page.last_id is not None:
        following = request.rel_url.update_query(start=str(page.last_id))
        headers["Link"] = f'<{following}>; rel="next"'
    return success({"dag_runs": _RUNS.dump(page.runs)}, headers)


async def get_run(request: web.Request) -> web.Response:
    """Answer one run."""
    query = from_query(_RUN_QUERY, request.query, RunQuery)
    request[RIGHTS].require_dag(query.dag_id)
    run = await request.config_dict[SERVICE].run(request.match_info["dag_run_id"], query.dag_id)
    return success({"dag_run": _RUNS.dump([run])[0]})


async def create_runs(request: web.Request) -> web.Response:
    """Create a batch of runs."""
    settings = request.config_dict[SETTINGS]
    body = await read_object(request, max_size=settings.max_body, timeout=settings.body_timeout)
    from_query(_NO_QUERY, request.query, NoQuery)
    wanted = from_body(_BATCH, body, BatchRequest)
    request[RIGHTS].require_dag(wanted.dag_id)
    asked = {"dag_id": wanted.dag_id, "prefix": wanted.prefix, **audit.window(wanted)}
    with audit.noted(request, "create_batch", **asked) as line:
        line.is_write = not wanted.dry_run
        result = await request.config_dict[SERVICE].create_batch(wanted, audit.actor(request))
        line.fields |= {"runs_created": len(result.runs), "runs_skipped": result.skipped}
    request.config_dict[METRICS].batch(len(result.runs), result.skipped, is_dry_run=wanted.dry_run)
    rehearsed = {"runs": _PLANNED_RUNS.dump(result.runs)} if wanted.dry_run else {}
    return success({**dumped(_BATCH_RESULT, result), **rehearsed})


async def latest_runs(request: web.Request) -> web.Response:
    """Answer the latest run of each live DAG."""
    from_query(_NO_QUERY, request.query, NoQuery)
    runs = await request.config_dict[SERVICE].latest_runs()
    return success({"dag_runs": _RUNS.dump(request[RIGHTS].visible(runs))})


async def set_paused(request: web.Request) -> web.Response:
    """Pause a DAG or let it go on."""
    from_query(_NO_QUERY, request.query, NoQuery)
    dag_id, paused = request.match_info["dag_id"], request.match_info["paused"] == "true"
    request[RIGHTS].require_dag(dag_id)
    with audit.noted(request, "set_paused", dag_id=dag_id, paused=paused):
        await request.config_dict[SERVICE].set_paused(dag_id, paused, audit.actor(request))
    return success(dumped(_PAUSED, {"dag_id": dag_id, "is_paused": paused}))


async def get_batch(request: web.Request) -> web.Response:
    """Answer how far a batch is."""
    query = from_query(_RUN_QUERY, request.query, RunQuery)
    request[RIGHTS].require_dag(query.dag_id)
    asked = request.match_info["prefix"]
    parts = await request.config_dict[SERVICE].progress(canonical(asked), query.dag_id)
    whole = dumped(_PROGRESS, total(parts))
    return tagged(request, success({"prefix": asked, **whole, "dags": dumped(_PROGRESS_OF_DAGS, parts)}))


async def cancel_batch(request: web.Request) -> web.Response:
    """End the runs of a batch that have not started."""
    query = from_query(_RUN_QUERY, request.query, RunQuery)
    request[RIGHTS].require_dag(query.dag_id)
    asked = request.match_info["prefix"]
    prefix = canonical(asked)
    with audit.noted(request, "cancel_batch", dag_id=query.dag_id or "-", prefix=prefix) as line:
        found = await request.config_dict[SERVICE].cancel(prefix, query.dag_id, audit.actor(request))
        line.is_write = bool(found.run_ids)
        line.fields |= {f"runs_{name}": count for name, count in found.counts.items()}
    request.config_dict[METRICS].cancelled(len(found.run_ids))
    ids = {"cancelled_dag_run_ids": found.run_ids[:MAX_BATCH]}
    return success(dumped(_CANCELLATION, {"prefix": asked, **found.counts, **ids}))
