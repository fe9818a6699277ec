"""One process that serves the application, and that stops without cutting off requests."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import logging
import stat
from collections.abc import AsyncGenerator, Callable
from functools import partial
from pathlib import Path
from typing import cast

from aiohttp import web

from dagrun_api.logs import ACCESS_LOGGER, configure
from dagrun_api.serving import sockets
from dagrun_api.serving.access_log import AccessLog
from dagrun_api.serving.connection import KEEPALIVE_TIMEOUT, HttpConnection
from dagrun_api.serving.signals import stopping
from dagrun_api.settings import TOKEN_VARIABLES, Settings
from dagrun_api.web.app import create_app, create_monitor
from dagrun_api.web.masking import Mask
from dagrun_api.web.runtime import RUNTIME

__all__ = ["loop_factory", "run", "serve"]

_CANCEL_SECONDS = 0.5
"""How long cancelled requests may take to end. Requests that are to finish have finished before."""

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Serve in this process until a signal stops it; return the exit status. Raises what `serve` raises."""
    configure(settings.log_level, settings.log_format, access_log=settings.access_log)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return 1 if runner.run(serve(settings)) else 0


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the factory of uvloop if it is installed, else None for asyncio's own event loop."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    return cast("Callable[[], asyncio.AbstractEventLoop]", importlib.import_module("uvloop").new_event_loop)


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; return the number of requests that were cut off because they took too long.

    Raises `ConfigurationError` if the process cannot listen or cannot use this database, and `Unavailable` if the
    database does not answer.
    """
    stop = asyncio.Event()
    app = create_app(settings)
    runner = web.AppRunner(app, shutdown_timeout=_CANCEL_SECONDS)
    listeners: list[asyncio.Server] = []
    cut = 0
    with stopping(stop):
        try:
            await runner.setup()
            runtime, server = app[RUNTIME], cast("web.Server", runner.server)
            runtime.metrics.own_process()
            async with _monitored(settings, app):
                listeners = await sockets.listen(settings, lambda: _connection(server, runtime.mask))
                _announce(settings, listeners)
                await stop.wait()
                logger.info("Stopping: no longer ready, listening for another %g s", settings.drain_delay)
                runtime.draining.set()
                await asyncio.sleep(settings.drain_delay)
                _close(listeners)
                cut = await _drain(server, settings.shutdown_timeout)
        finally:
            _close(listeners)
            await runner.cleanup()
    logger.info("Stopped")
    return cut


@contextlib.asynccontextmanager
async def _monitored(settings: Settings, app: web.Application) -> AsyncGenerator[None]:
    """Serve the metrics and probes of a started application on the metrics port, if the settings have one."""
    port = settings.metrics_port
    if port is None:
        yield
        return
    runner = web.AppRunner(create_monitor(app), shutdown_timeout=_CANCEL_SECONDS)
    await runner.setup()
    try:
        server = cast("web.Server", runner.server)
        mask = app[RUNTIME].mask
        listener = await sockets.listen_for_metrics(settings.host, port, lambda: _connection(server, mask))
        with contextlib.closing(listener):
            logger.info("Metrics at %s/metrics", ", ".join(map(sockets.name, listener.sockets)))
            yield
    finally:
        await runner.cleanup()


def _connection(server: web.Server, mask: Mask) -> HttpConnection:
    return HttpConnection(
        server,
        loop=asyncio.get_running_loop(),
        keepalive_timeout=KEEPALIVE_TIMEOUT,
        # The service refuses compressed bodies, so nothing needs to decompress them, not even to discard them.
        auto_decompress=False,
        access_log_class=cast("type[AccessLog]", partial(AccessLog, mask)),
        access_log=logging.getLogger(ACCESS_LOGGER),
    )


def _announce(settings: Settings, listeners: list[asyncio.Server]) -> None:
    listening = [each for listener in listeners for each in listener.sockets]
    names = ", ".join(map(sockets.name, listening))
    if not settings.is_guarded and any(map(sockets.is_exposed, listening)):
        logger.warning(
            "ANYONE who can reach %s may read and create DAG runs: no token is set. "
            "Set %s, or listen on 127.0.0.1 only.",
            names,
            TOKEN_VARIABLES[1],
        )
    if settings.token_file is not None and _is_readable_by_all(settings.token_file):
        logger.warning("Every user of this machine can read %s, which holds tokens: chmod 600.", settings.token_file)
    token = "token required" if settings.is_guarded else "no token"
    logger.info("Listening on %s (database %s, API at %s, %s)", names, settings.safe_database, settings.prefix, token)


def _is_readable_by_all(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def _close(listeners: list[asyncio.Server]) -> None:
    for each in listeners:
        each.close()


async def _drain(server: web.Server, patience: float) -> int:
    """Let accepted requests finish for at most `patience` seconds; return the number of those that did not."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    # Requests that have arrived, but that the loop has not seen yet, must begin first.
    await asyncio.sleep(0.01)
    server.pre_shutdown()
    while busy := sum(isinstance(each, HttpConnection) and each.busy for each in server.connections):
        if loop.time() >= end:
            logger.error("Requests that are not finished after %g s and are cut off: %d", patience, busy)
            break
        await asyncio.sleep(0.02)
    return busy
