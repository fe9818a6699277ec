"""The handlers: read the request, ask the service, shape the answer."""

from __future__ import annotations

from typing import cast

from aiohttp import web

from dagrun_api.model import BatchRequest
from dagrun_api.web.body import read_object
from dagrun_api.web.envelope import success
from dagrun_api.web.keys import SERVICE, SETTINGS
from dagrun_api.web.schemas import (
    BatchResultSchema,
    BatchSchema,
    DagSchema,
    NoQuery,
    NoQuerySchema,
    RunQuery,
    RunQuerySchema,
    RunSchema,
    RunsQuery,
    RunsQuerySchema,
    dumped,
    from_body,
    from_query,
)

__all__ = ["create_runs", "get_run", "list_dags", "list_runs"]

_DAGS = DagSchema(many=True)
_NO_QUERY = NoQuerySchema()
_RUN = RunSchema()
_RUNS = RunSchema(many=True)
_RUN_QUERY = RunQuerySchema()
_RUNS_QUERY = RunsQuerySchema()
_BATCH = BatchSchema()
_BATCH_RESULT = BatchResultSchema()


async def list_dags(request: web.Request) -> web.Response:
    """Answer every DAG in the DagBag."""
    from_query(_NO_QUERY, request.query, NoQuery)
    dags = await request.config_dict[SERVICE].dags()
    return success({"dags": dumped(_DAGS, dags)})


async def list_runs(request: web.Request) -> web.Response:
    """Answer one page of runs."""
    query = from_query(_RUNS_QUERY, request.query, RunsQuery)
    page = await request.config_dict[SERVICE].runs(query.wanted, start=query.start, limit=query.limit)
    headers: dict[str, str] = {}
    if page.last_id is not None:
        following = request.rel_url.update_query(start=str(page.last_id))
        headers["Link"] = f'<{following}>; rel="next"'
    return success({"dag_runs": dumped(_RUNS, page.runs)}, headers)


async def get_run(request: web.Request) -> web.Response:
    """Answer one run."""
    query = from_query(_RUN_QUERY, request.query, RunQuery)
    run = await request.config_dict[SERVICE].run(request.match_info["dag_run_id"], query.dag_id)
    return success({"dag_run": dumped(_RUN, run)})


async def create_runs(request: web.Request) -> web.Response:
    """Create a batch of runs."""
    settings = request.config_dict[SETTINGS]
    body = await read_object(request, max_size=settings.max_body, timeout=settings.body_timeout)
    result = await request.config_dict[SERVICE].create_batch(from_body(_BATCH, body, BatchRequest))
    return success(cast("dict[str, object]", dumped(_BATCH_RESULT, result)))
