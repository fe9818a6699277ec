"""The application: how it is made, and how it is added to another."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

from aiohttp import web

from dagrun_api.airflow_api.clearing import open_clearing
from dagrun_api.backends import open_store
from dagrun_api.batches.service import Service
from dagrun_api.settings import Settings
from dagrun_api.store import Store
from dagrun_api.web.address import decoding
from dagrun_api.web.auth import Authorize, authenticating
from dagrun_api.web.body import leave_waiting
from dagrun_api.web.host import checking_host
from dagrun_api.web.masking import Mask
from dagrun_api.web.metrics import Metrics
from dagrun_api.web.middleware import enveloping, observing
from dagrun_api.web.openapi.document import document
from dagrun_api.web.outage import OutageLog
from dagrun_api.web.readiness import Readiness
from dagrun_api.web.route import Route
from dagrun_api.web.routes import API, MONITORING, PAGES
from dagrun_api.web.runtime import RUNTIME, Runtime

__all__ = ["create_app", "create_monitor", "setup"]


def create_app(
    settings: Settings | None = None,
    *,
    store: Store | None = None,
    authorize: Authorize | None = None,
    **options: Any,
) -> web.Application:
    """Return the application, to be served or to be added to another one with `add_subapp`.

    Give either complete `settings`, or single options by name (`database="postgresql://..."`), which take precedence
    over the environment, like the flags of the command line. A `store` that the host has opened is used and left open;
    without one, the application opens and closes its own. Raises `ConfigurationError` for a wrong option.

    A host may identify users itself, instead of by tokens. `authorize` is awaited with every request except those to
    the probes and pages. It returns the `Rights` of the sender, and the audit log shows their name; None is answered
    with 401. If it raises an `HTTPException`, the answer has that status; any other exception is a 500. It must not
    read the body. It may use a cookie, because the service refuses writes that a page of another site sends.

    Without tokens, the application answers only to addresses, to `localhost`, and to the names in the option
    `allowed_hosts`, unless it is added to another one.
    """
    settings = settings if settings is not None else _settings(options)
    hosts = [] if settings.is_guarded else [checking_host(settings.allowed_hosts)]
    app = web.Application(middlewares=[observing, enveloping, *hosts, authenticating(settings, authorize), decoding])
    routes = (*MONITORING, *(each.below(settings.prefix) for each in API), *(PAGES if settings.pages else ()))
    _add_routes(app, routes)
    app.cleanup_ctx.append(_running(settings, store, routes))
    return app


def create_monitor(app: web.Application) -> web.Application:
    """Return another application with only the metrics and probes of one that has started.

    It answers to any host: Prometheus asks for it by name, and the metrics name nothing that is in the database.
    """
    runtime = app[RUNTIME]
    monitor = web.Application(middlewares=[observing, enveloping, authenticating(runtime.settings), decoding])
    monitor[RUNTIME] = runtime
    _add_routes(monitor, MONITORING)
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

    The other arguments are those of `create_app`, except for its option `prefix`: below that path, the paths of the
    API still start with `/api/v1`.
    """
    api = create_app(settings, store=store, authorize=authorize, **options)
    app.add_subapp(prefix, api)
    return api


def _settings(options: dict[str, Any]) -> Settings:
    # The clients' tokens are read in another way. All other options are read like those of the command line.
    secret = {name: options.pop(name, None) for name in ("token", "tokens")}
    given = {name: value for name, value in secret.items() if value is not None}
    return replace(Settings.load(options, os.environ), **given)


def _add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    for each in routes:
        if each.method == "GET":
            app.router.add_get(each.resource, each.handler, expect_handler=leave_waiting)
        else:
            app.router.add_route(each.method, each.resource, each.handler, expect_handler=leave_waiting)


def _running(
    settings: Settings, store: Store | None, routes: Iterable[Route]
) -> Callable[[web.Application], AsyncIterator[None]]:
    async def running(app: web.Application) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            opened = store if store is not None else await stack.enter_async_context(open_store(settings))
            service = Service(
                opened,
                clearing=await stack.enter_async_context(open_clearing(settings)),
                show_conf=settings.show_conf,
                airflow_url=settings.airflow_url,
            )
            app[RUNTIME] = Runtime(
                settings=settings,
                routes={each.handler: each for each in routes},
                document=partial(document, settings.prefix),
                service=service,
                readiness=Readiness(service),
                metrics=Metrics(service.state),
                outage=OutageLog(),
                mask=Mask(settings),
                draining=asyncio.Event(),
            )
            yield

    return running
