"""The end of a server: what was accepted is answered, and nobody waits for clients that do not read."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import web

from dagrun_api.serving.connection import HttpConnection

__all__ = ["CANCEL_SECONDS", "drain"]

CANCEL_SECONDS = 0.5
"""How long cancelled requests may take to end. Requests that are to finish have finished before."""

_READING_SECONDS = 2.0
"""How long clients may take to read their answers once all requests are answered."""

_LOOKS = 50
"""How often to look for requests that have arrived; some clients send without end."""

logger = logging.getLogger(__name__)


async def drain(server: web.Server, patience: float) -> int:
    """Let accepted requests finish for at most `patience` seconds; return the number of those that did not."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    await _begin(server)
    server.pre_shutdown()
    last_answer = loop.time()
    while open_ := [each for each in _connections(server) if each.is_busy or each.is_sending]:
        if any(each.is_handling for each in open_):
            last_answer = loop.time()
            if last_answer >= end:
                break
        elif loop.time() >= last_answer + _READING_SECONDS:
            break
        await asyncio.sleep(0.02)
    late = [each for each in open_ if each.is_handling]
    if late:
        await server.shutdown(CANCEL_SECONDS)
    for each in open_:
        each.abort()
    cut = sum(each.is_cut_off for each in late)
    if cut:
        logger.error("Requests that are not finished after %g s and are cut off: %d", patience, cut)
    return cut


async def _begin(server: web.Server) -> None:
    """Return when the requests have begun that have arrived, but that the loop has not seen yet."""
    for _ in range(_LOOKS):
        await asyncio.sleep(0.01)
        if not any(each.has_unread for each in _connections(server) if not each.is_busy):
            return


def _connections(server: web.Server) -> list[HttpConnection]:
    return [each for each in server.connections if isinstance(each, HttpConnection)]
