"""What applications and requests hold, by typed keys: two applications in one process have each its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from dagrun_api.batches.service import Service
from dagrun_api.settings import Settings
from dagrun_api.settings.rights import Rights
from dagrun_api.web.metrics import Metrics
from dagrun_api.web.outage import OutageLog

if TYPE_CHECKING:
    from dagrun_api.web.probes import Readiness

__all__ = ["DRAINING", "METRICS", "OUTAGE", "READINESS", "REQUEST_ID", "RIGHTS", "SERVICE", "SETTINGS"]

SETTINGS = web.AppKey("dagrun_api.settings", Settings)

SERVICE = web.AppKey("dagrun_api.service", Service)

READINESS: web.AppKey[Readiness] = web.AppKey("dagrun_api.readiness")

METRICS = web.AppKey("dagrun_api.metrics", Metrics)

OUTAGE = web.AppKey("dagrun_api.outage", OutageLog)

DRAINING = web.AppKey("dagrun_api.draining", asyncio.Event)
"""Set when the process is about to end: it is no longer ready, though it still answers."""

REQUEST_ID = web.RequestKey("dagrun_api.request_id", str)
"""What the header X-Request-ID of the answer will be."""

RIGHTS = web.RequestKey("dagrun_api.rights", Rights)
"""Who asks, and what he may do."""
