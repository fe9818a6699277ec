"""What an application and a request hold, under typed keys. Applications in one process share nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from dagrun_api.batches.service import Service
from dagrun_api.settings import Settings
from dagrun_api.settings.rights import Rights
from dagrun_api.web.masking import Mask
from dagrun_api.web.metrics import Metrics
from dagrun_api.web.outage import OutageLog
from dagrun_api.web.readiness import Readiness
from dagrun_api.web.route import Route

__all__ = ["REQUEST_ID", "RIGHTS", "ROUTE", "RUNTIME", "Runtime"]


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that an application holds; complete from the moment it has started."""

    settings: Settings
    routes: Mapping[Handler, Route]
    """Handler -> its route, with the whole path as in the OpenAPI document, wherever the application is mounted."""
    document: Callable[[], Mapping[str, Any]]
    """Returns the OpenAPI document, which is made on the first call."""
    service: Service
    readiness: Readiness
    metrics: Metrics
    outage: OutageLog
    mask: Mask
    """Hides the tokens of the settings in logs and errors."""
    draining: asyncio.Event
    """Set when the process is about to stop: it is no longer ready, but still answers."""


RUNTIME = web.AppKey("dagrun_api.runtime", Runtime)

REQUEST_ID = web.RequestKey("dagrun_api.request_id", str)
"""The value of the header X-Request-ID in the answer."""

ROUTE = web.RequestKey("dagrun_api.route", Route)
"""The route of the request; absent if its path or method is unknown."""

RIGHTS = web.RequestKey("dagrun_api.rights", Rights)
"""Who sent the request, and what they may do."""
