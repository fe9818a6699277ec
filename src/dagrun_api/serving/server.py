"""One process that serves the application, and that stops without cutting off requests."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import logging
import socket
import stat
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import cast

from aiohttp import web

from dagrun_api.logs import ACCESS_LOGGER, configure
from dagrun_api.serving import descriptors, sockets
from dagrun_api.serving.access_log import AccessLog
from dagrun_api.serving.connection import KEEPALIVE_TIMEOUT, HttpConnection
from dagrun_api.serving.crowd import Crowd
from dagrun_api.serving.draining import CANCEL_SECONDS, drain
from dagrun_api.serving.listener import Listener
from dagrun_api.serving.preloaded import preload
from dagrun_api.serving.signals import stopping
from dagrun_api.settings import TOKEN_VARIABLES, Settings
from dagrun_api.web.app import create_app, create_monitor
from dagrun_api.web.masking import Mask
from dagrun_api.web.runtime import RUNTIME

__all__ = ["loop_factory", "run", "serve"]

_MONITORING_CONNECTIONS = 50
"""The limit of connections to the metrics port, which has few clients."""

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
    """Serve until SIGTERM, SIGINT or SIGHUP; return the number of requests that were cut off as they took too long.

    Raises `ConfigurationError` if the process cannot listen or cannot use this database, and `Unavailable` if the
    database does not answer.
    """
    stop = asyncio.Event()
    limit = descriptors.affordable(settings, descriptors.raise_limit())
    preload()
    app = create_app(settings)
    runner = web.AppRunner(app, shutdown_timeout=CANCEL_SECONDS)
    cut = 0
    with stopping(stop), contextlib.ExitStack() as opened:
        # A port that is taken must not leave a new database behind, so the database is opened only after this.
        bound = [opened.enter_context(each) for each in await sockets.bind(settings)]
        for_metrics = [opened.enter_context(each) for each in await sockets.bind_for_metrics(settings)]
        try:
            await runner.setup()
            runtime, server = app[RUNTIME], cast("web.Server", runner.server)
            runtime.metrics.own_process()
            accepting = _accepting(bound, server, settings, limit, runtime.mask)
            async with _monitored(settings, app, for_metrics), accepting as close:
                _announce(settings, bound)
                await stop.wait()
                logger.info("Stopping: no longer ready, listening for another %g s", settings.drain_delay)
                runtime.draining.set()
                await asyncio.sleep(settings.drain_delay)
                await close()
                cut = await drain(server, settings.shutdown_timeout)
        finally:
            await runner.cleanup()
    logger.info("Stopped")
    return cut


@contextlib.asynccontextmanager
async def _monitored(settings: Settings, app: web.Application, bound: list[socket.socket]) -> AsyncGenerator[None]:
    """Serve the metrics and probes of a started application on the sockets of the metrics port, if it has any."""
    if not bound:
        yield
        return
    runner = web.AppRunner(create_monitor(app), shutdown_timeout=CANCEL_SECONDS)
    await runner.setup()
    try:
        server, mask = cast("web.Server", runner.server), app[RUNTIME].mask
        async with _accepting(bound, server, settings, _MONITORING_CONNECTIONS, mask):
            logger.info("Metrics at %s/metrics", ", ".join(map(sockets.name, bound)))
            yield
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def _accepting(
    bound: list[socket.socket], server: web.Server, settings: Settings, limit: int, mask: Mask
) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
    """Listen and accept connections until the end of the block, or until the function that it gives is called."""

    def connection() -> HttpConnection:
        return HttpConnection(
            server,
            crowd,
            settings.write_timeout,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=KEEPALIVE_TIMEOUT,
            # The service refuses compressed bodies, so nothing needs to decompress them, not even to discard them.
            auto_decompress=False,
            access_log_class=cast("type[AccessLog]", partial(AccessLog, mask)),
            access_log=logging.getLogger(ACCESS_LOGGER),
        )

    sockets.listen(bound)
    with contextlib.closing(Crowd(limit)) as crowd:
        async with contextlib.AsyncExitStack() as listeners:
            for each in bound:
                listeners.push_async_callback(Listener(each, connection, crowd).close)
            yield listeners.aclose


def _announce(settings: Settings, listening: list[socket.socket]) -> None:
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
