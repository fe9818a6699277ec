"""The application: its routes, what it holds, and how it is put into another."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from aiohttp import web

from dagrun_api.backends import open_store
from dagrun_api.batches.service import Service
from dagrun_api.settings import Settings
from dagrun_api.store import Store
from dagrun_api.web import handlers
from dagrun_api.web.auth import Authorize, requiring
from dagrun_api.web.body import leave_waiting
from dagrun_api.web.envelope import Handler, enveloped
from dagrun_api.web.metrics import Metrics
from dagrun_api.web.openapi import document as openapi
from dagrun_api.web.outage import OutageLog
from dagrun_api.web.probes import Readiness, healthz, metrics, readyz
from dagrun_api.web.runtime import DRAINING, METRICS, OUTAGE, READINESS, SERVICE, SETTINGS
from dagrun_api.web.ui import pages

__all__ = ["DRAINING", "METRICS", "SERVICE", "SETTINGS", "create_app", "create_monitor", "setup"]

_MONITORING: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/healthz", healthz),
    ("GET", "/readyz", readyz),
    ("GET", "/metrics", metrics),
)


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    authorize: Authorize | None = None,
    **options: Any,
) -> web.Application:
    """Return the application, to be served or to be added to another with `add_subapp`.

    Give either complete `settings`, or single options by name (`database="postgresql://..."`), which then win over
    the environment as the flags of the command line do. A `store` that the host has opened is used as it is and left
    open; otherwise the application opens and closes one of its own. Raises `ConfigurationError` for a bad option.

    Instead of tokens, a host may say by itself who asks: `authorize` is awaited with every request but those to the
    probes and pages, and returns the `Rights` of who sent it, under whose name its writes are logged; None is answered
    with 401. What it raises is a 500, except for an `HTTPException`, whose status is kept, and nothing is let through.
    It must leave the body unread. It may go by a cookie: what a page of another site sends with it writes nothing.
    """
    settings = settings if settings is not None else _settings(options)
    app = web.Application(middlewares=[enveloped, requiring(settings, authorize)])
    app[SETTINGS] = settings
    app[DRAINING] = asyncio.Event()
    app[METRICS] = Metrics()
    app[OUTAGE] = OutageLog()
    app.cleanup_ctx.append(_serving(settings, store))
    prefix = settings.prefix
    routes: tuple[tuple[str, str, Handler], ...] = (
        *_MONITORING,
        ("GET", f"{prefix}/dags", handlers.list_dags),
        ("GET", f"{prefix}/dag_runs", handlers.list_runs),
        ("POST", f"{prefix}/dag_runs", handlers.create_runs),
        # Any character may stand in an id, also an encoded slash, line break or brace.
        ("GET", f"{prefix}/dag_runs/{{dag_run_id:(?s:.+)}}", handlers.get_run),
        ("GET", f"{prefix}/latest_runs", handlers.latest_runs),
        ("POST", f"{prefix}/dags/{{dag_id:[^/]+}}/paused/{{paused:true|false}}", handlers.set_paused),
        ("GET", f"{prefix}/batches/{{prefix:[^/]+}}", handlers.get_batch),
        ("POST", f"{prefix}/batches/{{prefix:[^/]+}}/cancel", handlers.cancel_batch),
        ("GET", f"{prefix}/openapi.json", openapi.serve),
    )
    _add_routes(app, routes)
    if settings.pages:
        for path, name in pages.PATHS.items():
            app.router.add_get(path, pages.page, name=name.replace("/", ":"))
        # Alone this is no path; below a host's it is that one without a slash at its end.
        app.router.add_get("", pages.add_slash)
    _name_routes(app)
    return app


def create_monitor(app: web.Application) -> web.Application:
    """Return another application with the metrics and the probes, and nothing else, of one that was started."""
    monitor = web.Application(middlewares=[enveloped, requiring(app[SETTINGS])])
    monitor[SETTINGS] = app[SETTINGS]
    monitor[DRAINING] = app[DRAINING]
    monitor[METRICS] = app[METRICS]
    monitor[OUTAGE] = app[OUTAGE]
    monitor[READINESS] = app[READINESS]
    _add_routes(monitor, _MONITORING)
    _name_routes(monitor)
    return monitor


def setup(
    app: web.Application,
    *,
    prefix: str,
    settings: Settings | None = None,
    store: Store | None = None,
    authorize: Authorize | None = None,
    **options: Any,
) -> web.Application:
    """Add the API to an application below a path such as `/airflow`; return the sub-application.

    The other arguments are those of `create_app`, except for its option `prefix`: below the path, the API's own
    paths stay `/api/v1`.
    """
    api = create_app(settings, store=store, authorize=authorize, **options)
    app.add_subapp(prefix, api)
    return api


def _add_routes(app: web.Application, routes: Iterable[tuple[str, str, Handler]]) -> None:
    for method, path, handler in routes:
        for each in ("GET", "HEAD") if method == "GET" else (method,):
            app.router.add_route(each, path, handler, expect_handler=leave_waiting)


def _name_routes(app: web.Application) -> None:
    # Now, before a host puts its own path before ours: a dashboard is to fit wherever we are mounted.
    for route in app.router.routes():
        if route.resource is not None:
            app[METRICS].know(route, route.resource.canonical)


def _settings(options: dict[str, Any]) -> Settings:
    # What is no flag; the rest goes the way of the command line.
    secret = {name: options.pop(name, None) for name in ("token", "tokens")}
    given = {name: value for name, value in secret.items() if value is not None}
    return replace(Settings.load(options, os.environ), **given)


def _serving(settings: Settings, store: Store | None) -> Callable[[web.Application], AsyncIterator[None]]:
    async def serving(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            opened = store if store is not None else await stack.enter_async_context(open_store(settings))
            service = Service(opened)
            app[SERVICE] = service
            app[READINESS] = Readiness(service)
            app[METRICS].state = service.state
            yield

    return serving
