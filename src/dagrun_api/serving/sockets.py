"""The sockets that a process listens on: those from systemd, a Unix socket, or a host and port."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import cast

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import Settings

__all__ = ["is_exposed", "listen", "listen_for_metrics", "name"]

BACKLOG = 1024

FIRST_INHERITED = 3
"""The file descriptor of the first socket that systemd passes to a process."""

_REASONS = {
    errno.EADDRINUSE: "another process uses it",
    errno.EACCES: "this user may not",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.ENOENT: "there is no such directory",
}

_Protocol = Callable[[], asyncio.Protocol]


async def listen(settings: Settings, protocol: _Protocol) -> list[asyncio.Server]:
    """Listen on the sockets from systemd, else on the Unix socket, else on host and port.

    Raises `ConfigurationError` if that is impossible.
    """
    loop = asyncio.get_running_loop()
    path = settings.unix_socket
    try:
        if inherited := _inherited():
            return [await loop.create_server(protocol, sock=each, backlog=BACKLOG) for each in inherited]
        if path is not None:
            _refuse_taken(path)
            return [await loop.create_unix_server(protocol, str(path), backlog=BACKLOG)]
        reuse_port = settings.reuse_port or None
        return [
            await loop.create_server(protocol, settings.host, settings.port, backlog=BACKLOG, reuse_port=reuse_port)
        ]
    except (OSError, UnicodeError) as error:
        if path is None:
            raise _cannot_listen(f"{settings.host} port {settings.port}", error, "--host or --port") from error
        raise _cannot_listen(f"the Unix socket {path}", error, "--unix-socket") from error


async def listen_for_metrics(host: str, port: int, protocol: _Protocol) -> asyncio.Server:
    """Listen on the metrics port; raises `ConfigurationError` if that is impossible."""
    try:
        return await asyncio.get_running_loop().create_server(protocol, host, port, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        raise _cannot_listen(f"{host} port {port}", error, "--metrics-port") from error


def name(listening: socket.socket) -> str:
    """Return the address of a listening socket, such as `http://127.0.0.1:8080` or `unix:/run/dagrun-api.sock`."""
    address = listening.getsockname()
    if listening.family == socket.AF_UNIX:
        return f"unix:{address}"
    host, port = cast("tuple[str, int]", address[:2])
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_exposed(listening: socket.socket) -> bool:
    """Return whether other machines may reach a listening socket."""
    return listening.family != socket.AF_UNIX and not ipaddress.ip_address(listening.getsockname()[0]).is_loopback


def _inherited() -> list[socket.socket]:
    """Return the listening sockets that systemd passed to this process; its children must not use them as well."""
    owner, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    os.environ.pop("LISTEN_FDNAMES", None)
    if owner != str(os.getpid()) or not count.isdecimal():
        return []
    return [socket.socket(fileno=number) for number in range(FIRST_INHERITED, FIRST_INHERITED + int(count))]


def _refuse_taken(path: Path) -> None:
    """Raise OSError if another process listens on this Unix socket, because asyncio would replace the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        if path.is_socket() and probe.connect_ex(str(path)) == 0:
            raise OSError(errno.EADDRINUSE, "in use")


def _cannot_listen(place: str, error: OSError | UnicodeError, flags: str) -> ConfigurationError:
    if isinstance(error, socket.gaierror | UnicodeError):
        reason = "the name is unknown"
    elif error.errno is not None:
        reason = _REASONS.get(error.errno, os.strerror(error.errno))
    elif "--unix-socket" in flags:
        reason = "its path is too long"
    else:
        # Since Python 3.13, asyncio gives no number in this case.
        reason = _REASONS[errno.EADDRNOTAVAIL]
    return ConfigurationError(f"Cannot listen on {place}: {reason}; choose another with {flags}.")
