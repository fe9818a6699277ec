"""One process that serves the application: sockets, signals, and an end that cuts nobody off."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import importlib
import importlib.util
import ipaddress
import logging
import os
import signal
import socket
import stat
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import cast

from aiohttp import web

from dagrun_api.errors import ConfigurationError
from dagrun_api.logs import ACCESS_LOGGER, configure
from dagrun_api.serving.access_log import AccessLog
from dagrun_api.serving.connection import KEEPALIVE_TIMEOUT, Connection
from dagrun_api.settings import TOKEN_VARIABLES, Settings
from dagrun_api.web.app import DRAINING, METRICS, create_app, create_monitor

__all__ = ["loop_factory", "run", "serve"]

BACKLOG = 1024
FIRST_INHERITED = 3
"""The file descriptor of the first socket that systemd hands over."""

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Serve in this process until a signal ends it; the exit status. Raises what `serve` raises."""
    configure(settings.log_level, settings.log_format, access_log=settings.access_log)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return 1 if runner.run(serve(settings)) else 0


async def serve(settings: Settings) -> int:
    """Serve until SIGTERM or SIGINT; the number of requests that were cut off because they took too long.

    Raises ConfigurationError when it cannot listen, or not on this database, and Unavailable when the
    database does not answer.
    """
    stop = asyncio.Event()
    app = create_app(settings)
    app[METRICS].own_process()
    # What is still running after the time for shutdown was waited for below; it is cancelled at once then.
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    listeners: list[asyncio.Server] = []
    cut = 0
    with _signals(stop):
        try:
            await runner.setup()
            server = cast("web.Server", runner.server)
            async with _monitored(settings, app):
                listeners = await _listen(settings, lambda: _connection(server))
                _announce(settings, listeners)
                await stop.wait()
                logger.info("Stopping: no longer ready, listening for another %g s", settings.drain_delay)
                app[DRAINING].set()
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
    """Answer the metrics and probes of a started application on a port of this process alone, where one is set."""
    port = settings.metrics_port
    if port is None:
        yield
        return
    runner = web.AppRunner(create_monitor(app), shutdown_timeout=0.5)
    await runner.setup()
    try:
        server = cast("web.Server", runner.server)
        loop = asyncio.get_running_loop()
        try:
            listener = await loop.create_server(lambda: _connection(server), settings.host, port, backlog=BACKLOG)
        except (OSError, UnicodeError) as error:
            raise _not_listening(replace(settings, port=port, unix_socket=None), error, "--metrics-port") from error
        with contextlib.closing(listener):
            logger.info("Metrics at %s/metrics", ", ".join(map(_name, listener.sockets)))
            yield
    finally:
        await runner.cleanup()


def _connection(server: web.Server) -> Connection:
    return Connection(
        server,
        loop=asyncio.get_running_loop(),
        keepalive_timeout=KEEPALIVE_TIMEOUT,
        # A body that is compressed is refused, so nobody has to inflate it, not even to throw it away.
        auto_decompress=False,
        access_log_class=AccessLog,
        access_log=logging.getLogger(ACCESS_LOGGER),
    )


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Generator[None]:
    """The first signal sets the event, the second ends the process: the database undoes what was not committed."""
    loop = asyncio.get_running_loop()

    def on_signal(number: signal.Signals) -> None:
        if stop.is_set():
            logger.error("Stopping at once on a second signal")
            os._exit(128 + number)
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _listen(settings: Settings, factory: Callable[[], Connection]) -> list[asyncio.Server]:
    """Listen on the sockets that systemd hands over, else on the Unix socket, else on host and port."""
    loop = asyncio.get_running_loop()
    try:
        if inherited := _inherited_sockets():
            return [await loop.create_server(factory, sock=each, backlog=BACKLOG) for each in inherited]
        if settings.unix_socket is not None:
            _refuse_taken(settings.unix_socket)
            return [await loop.create_unix_server(factory, str(settings.unix_socket), backlog=BACKLOG)]
        reuse_port = settings.reuse_port or None
        return [await loop.create_server(factory, settings.host, settings.port, backlog=BACKLOG, reuse_port=reuse_port)]
    except (OSError, UnicodeError) as error:
        raise _not_listening(settings, error) from error


def _inherited_sockets() -> list[socket.socket]:
    """The listening sockets that systemd passed to this process; a child of ours must not take them for its own."""
    owner, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if owner != str(os.getpid()) or not count.isdecimal():
        return []
    return [socket.socket(fileno=number) for number in range(FIRST_INHERITED, FIRST_INHERITED + int(count))]


def _refuse_taken(path: Path) -> None:
    """Raise OSError if a process listens on the socket, which asyncio would otherwise replace."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        if path.is_socket() and probe.connect_ex(str(path)) == 0:
            raise OSError(errno.EADDRINUSE, "in use")


def _not_listening(
    settings: Settings, error: OSError | UnicodeError, flags: str = "--host or --port"
) -> ConfigurationError:
    if settings.unix_socket is not None:
        place, other = f"the Unix socket {settings.unix_socket}", "choose another with --unix-socket"
    else:
        place, other = f"{settings.host} port {settings.port}", f"choose another with {flags}"
    if isinstance(error, socket.gaierror | UnicodeError):
        reason = "the name is unknown"
    elif error.errno is None and settings.unix_socket is not None:
        reason = "its path is too long"
    else:
        # From Python 3.13 on, asyncio gives no number when an address is not of this machine.
        number = error.errno or errno.EADDRNOTAVAIL
        reason = {
            errno.EADDRINUSE: "another process uses it",
            errno.EACCES: "this user may not",
            errno.EADDRNOTAVAIL: "this machine has no such address",
            errno.ENOENT: "there is no such directory",
        }.get(number, os.strerror(number))
    return ConfigurationError(f"Cannot listen on {place}: {reason}; {other}.")


def _announce(settings: Settings, listeners: list[asyncio.Server]) -> None:
    sockets = [each for listener in listeners for each in listener.sockets]
    names = ", ".join(_name(each) for each in sockets)
    if not settings.is_guarded and any(_is_exposed(each) for each in sockets):
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


def _name(listening: socket.socket) -> str:
    address = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return f"unix:{address}"
    host, port = cast("tuple[str, int]", address[:2])
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_exposed(listening: socket.socket) -> bool:
    return listening.family != socket.AF_UNIX and not ipaddress.ip_address(listening.getsockname()[0]).is_loopback


def _close(listeners: list[asyncio.Server]) -> None:
    for each in listeners:
        each.close()


async def _drain(server: web.Server, patience: float) -> int:
    """Let accepted requests finish, for some seconds; the number of those that did not."""
    loop = asyncio.get_running_loop()
    end = loop.time() + patience
    # What has arrived but was not begun yet is to begin first.
    await asyncio.sleep(0.01)
    server.pre_shutdown()
    while busy := sum(isinstance(each, Connection) and each.busy for each in server.connections):
        if loop.time() >= end:
            logger.error("Requests that are not finished after %g s and are cut off: %d", patience, busy)
            break
        await asyncio.sleep(0.02)
    return busy


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """That of uvloop where it is installed, else None: asyncio's own."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    return cast("Callable[[], asyncio.AbstractEventLoop]", importlib.import_module("uvloop").new_event_loop)
