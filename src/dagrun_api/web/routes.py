"""The table of all routes.

The router, the authentication, the logs, the metrics and the OpenAPI document are made from this table. A new
endpoint needs one entry here, one handler, its documentation in `openapi/operations/` and an example.
"""

from __future__ import annotations

from functools import partial

from dagrun_api.web import handlers, probes
from dagrun_api.web.openapi.operations import batches, dags, runs, service
from dagrun_api.web.route import Route
from dagrun_api.web.schemas.requests.batches import BATCH_WRITE_QUERY, BATCHES_QUERY, RETRY_QUERY
from dagrun_api.web.schemas.requests.runs import RUN_QUERY, RUNS_QUERY
from dagrun_api.web.schemas.requests.schema import NO_QUERY
from dagrun_api.web.schemas.requests.ticks import TICKS_QUERY
from dagrun_api.web.ui import pages

__all__ = ["API", "MONITORING", "PAGES", "ROUTES"]

API = (
    Route("list_dags", "GET", "/dags", handlers.list_dags, query=NO_QUERY, operation=dags.LIST_DAGS),
    Route("get_dag", "GET", "/dags/{dag_id}", handlers.get_dag, query=NO_QUERY, operation=dags.GET_DAG),
    Route(
        "list_latest_runs",
        "GET",
        "/latest_runs",
        handlers.list_latest_runs,
        query=NO_QUERY,
        operation=dags.LIST_LATEST_RUNS,
    ),
    Route(
        "pause_dag",
        "POST",
        "/dags/{dag_id}/paused/{paused}",
        handlers.pause_dag,
        query=NO_QUERY,
        operation=dags.PAUSE_DAG,
    ),
    Route(
        "list_ticks", "GET", "/dags/{dag_id}/ticks", handlers.list_ticks, query=TICKS_QUERY, operation=dags.LIST_TICKS
    ),
    Route("list_runs", "GET", "/dag_runs", handlers.list_runs, query=RUNS_QUERY, operation=runs.LIST_RUNS),
    Route("create_runs", "POST", "/dag_runs", handlers.create_runs, query=NO_QUERY, operation=runs.CREATE_RUNS),
    Route("get_run", "GET", "/dag_runs/{dag_run_id}", handlers.get_run, query=RUN_QUERY, operation=runs.GET_RUN),
    Route(
        "list_batches",
        "GET",
        "/batches",
        handlers.list_batches,
        query=BATCHES_QUERY,
        is_quiet=True,
        operation=batches.LIST_BATCHES,
    ),
    Route(
        "get_batch",
        "GET",
        "/batches/{prefix}",
        handlers.get_batch,
        query=RUN_QUERY,
        is_quiet=True,
        operation=batches.GET_BATCH,
    ),
    Route(
        "pause_batch",
        "POST",
        "/batches/{prefix}/paused/{paused}",
        handlers.pause_batch,
        query=BATCH_WRITE_QUERY,
        operation=batches.PAUSE_BATCH,
    ),
    Route(
        "cancel_batch",
        "POST",
        "/batches/{prefix}/cancel",
        handlers.cancel_batch,
        query=BATCH_WRITE_QUERY,
        operation=batches.CANCEL_BATCH,
    ),
    Route(
        "retry_batch",
        "POST",
        "/batches/{prefix}/retry",
        handlers.retry_batch,
        query=RETRY_QUERY,
        operation=batches.RETRY_BATCH,
    ),
    Route("get_about", "GET", "/about", handlers.get_about, query=NO_QUERY, operation=service.GET_ABOUT),
    Route(
        "get_openapi", "GET", "/openapi.json", handlers.get_openapi, uses_database=False, operation=service.GET_OPENAPI
    ),
)
"""The API; its paths follow the prefix of the settings."""

MONITORING = (
    Route(
        "get_health",
        "GET",
        "/healthz",
        probes.healthz,
        needs_token=False,
        checks_host=False,
        uses_database=False,
        is_quiet=True,
        operation=service.GET_HEALTH,
    ),
    Route(
        "get_readiness",
        "GET",
        "/readyz",
        probes.readyz,
        needs_token=False,
        checks_host=False,
        is_quiet=True,
        operation=service.GET_READINESS,
    ),
    Route(
        "get_metrics",
        "GET",
        "/metrics",
        probes.metrics,
        uses_database=False,
        is_quiet=True,
        operation=service.GET_METRICS,
    ),
)
"""The probes and the metrics, which the metrics port serves as well."""

PAGES = (
    *(
        Route(
            file,
            "GET",
            path,
            partial(pages.page, file),
            needs_token=False,
            uses_database=False,
            is_quiet=path.startswith("/static/"),
        )
        for path, file in pages.PATHS.items()
    ),
    # In an application that stands alone, no request has this path. In a mounted one, it is the mount without a slash.
    Route("add_slash", "GET", "", pages.add_slash, needs_token=False, uses_database=False),
)
"""The pages and their files. They contain no data, and they must load before they can ask for a token."""

ROUTES = (*MONITORING, *API, *PAGES)
