"""What the application holds, by typed keys: each application has its own, so that two live in one process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

from dagrun_api.service import Service
from dagrun_api.settings import Settings

if TYPE_CHECKING:
    from dagrun_api.web.probes import Readiness

__all__ = ["DRAINING", "READINESS", "SERVICE", "SETTINGS"]

SETTINGS = web.AppKey("dagrun_api.settings", Settings)

SERVICE = web.AppKey("dagrun_api.service", Service)

READINESS: web.AppKey[Readiness] = web.AppKey("dagrun_api.readiness")

DRAINING = web.AppKey("dagrun_api.draining", asyncio.Event)
"""Set when the process is about to end: it is no longer ready, though it still answers."""
