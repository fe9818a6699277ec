"""The handlers for monitoring: liveness, readiness and metrics."""

from __future__ import annotations

from aiohttp import web

from dagrun_api.errors import Draining
from dagrun_api.web.envelope import success
from dagrun_api.web.runtime import RUNTIME

__all__ = ["healthz", "metrics", "readyz"]


async def healthz(request: web.Request) -> web.Response:
    """Answer that the process is alive."""
    return success({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """Answer whether the database answers, and nothing forbids the service to write to it."""
    runtime = request.app[RUNTIME]
    if runtime.draining.is_set():
        raise Draining("The service is shutting down.")
    await runtime.readiness.check()
    return success({"status": "ready"})


async def metrics(request: web.Request) -> web.Response:
    """Answer the metrics in the text format of Prometheus, or as OpenMetrics if `Accept` asks for it."""
    body, content_type = request.app[RUNTIME].metrics.exposition(request.headers.get("Accept", ""))
    return web.Response(body=body, headers={"Content-Type": content_type})
