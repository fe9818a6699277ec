"""The probes of an orchestrator: does the process live, can it do its work now, and how much has it done?"""

from __future__ import annotations

import asyncio
from time import monotonic

from aiohttp import web

from dagrun_api.batches.service import Service
from dagrun_api.errors import DagrunApiError, Draining, Unavailable
from dagrun_api.web.envelope import success, without_database
from dagrun_api.web.runtime import DRAINING, METRICS, READINESS

__all__ = ["Readiness", "healthz", "metrics", "readyz"]

_KEPT_SECONDS = 1.0


class Readiness:
    """Whether runs could be created; the database is asked at most once a second, however often a probe comes."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = asyncio.Lock()
        self._asked_at = float("-inf")
        self._refusal: DagrunApiError | None = None

    async def check(self) -> None:
        """Return when they could; else raise what stands in the way."""
        async with self._lock:
            if monotonic() - self._asked_at > _KEPT_SECONDS:
                self._refusal = await self._ask()
                self._asked_at = monotonic()
        if self._refusal is not None:
            raise Unavailable(str(self._refusal)) from self._refusal

    async def _ask(self) -> DagrunApiError | None:
        try:
            await self._service.ready()
        except DagrunApiError as error:
            return error
        return None


@without_database
async def healthz(request: web.Request) -> web.Response:
    """The process lives."""
    return success({"status": "alive"})


async def readyz(request: web.Request) -> web.Response:
    """The database answers, and its schema is one that we may write to."""
    if request.config_dict[DRAINING].is_set():
        raise Draining("The service is shutting down.")
    await request.config_dict[READINESS].check()
    return success({"status": "ready"})


@without_database
async def metrics(request: web.Request) -> web.Response:
    """What was counted, in the text format of Prometheus, or as OpenMetrics where `Accept` asks for it."""
    body, content_type = request.config_dict[METRICS].exposition(request.headers.get("Accept", ""))
    return web.Response(body=body, headers={"Content-Type": content_type})
