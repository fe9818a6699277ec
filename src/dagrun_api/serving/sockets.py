"""The sockets that a process listens on: those from systemd, a Unix socket, or a host and port."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import Settings

__all__ = ["bind", "bind_for_metrics", "is_exposed", "listen", "name"]

BACKLOG = 1024
"""How many connections may wait until they are accepted."""

FIRST_INHERITED = 3
"""The file descriptor of the first socket that systemd passes to a process."""

_REASONS = {
    errno.EADDRINUSE: "another process uses it",
    errno.EACCES: "this user may not",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.ENOENT: "there is no such directory",
}


async def bind(settings: Settings) -> list[socket.socket]:
    """Return the sockets from systemd, else one for the Unix socket, else those for host and port.

    Clients cannot connect before `listen`. Raises `ConfigurationError` if another process uses the place.
    """
    if inherited := _inherited():
        return inherited
    path = settings.unix_socket
    try:
        if path is not None:
            return [_bind_path(path)]
        return await _bind(settings.host, settings.port, reuse_port=settings.reuse_port)
    except (OSError, UnicodeError) as error:
        if path is None:
            raise _cannot_listen(f"{settings.host} port {settings.port}", error, "--host or --port") from error
        raise _cannot_listen(f"the Unix socket {path}", error, "--unix-socket") from error


async def bind_for_metrics(settings: Settings) -> list[socket.socket]:
    """Return the sockets for the metrics port, if the settings have one; raises `ConfigurationError` like `bind`."""
    port = settings.metrics_port
    if port is None:
        return []
    try:
        return await _bind(settings.host, port)
    except (OSError, UnicodeError) as error:
        raise _cannot_listen(f"{settings.host} port {port}", error, "--metrics-port") from error


def listen(bound: Iterable[socket.socket]) -> None:
    """Let clients connect; raises `ConfigurationError` if another process has begun to listen there meanwhile."""
    for each in bound:
        try:
            each.listen(BACKLOG)
        except OSError as error:
            raise _cannot_listen(name(each), error, "--host, --port, --metrics-port or --unix-socket") from error


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


async def _bind(host: str, port: int, *, reuse_port: bool = False) -> list[socket.socket]:
    """Return a socket for each address that the host has on this machine; raises OSError if there is none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    bound: list[socket.socket] = []
    missing: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        try:
            bound.append(_bind_address(socket.socket(family, kind, protocol), address, reuse_port=reuse_port))
        except OSError as error:
            # Without IPv6 a name such as localhost may have an address of it all the same.
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                for each in bound:
                    each.close()
                raise
            missing = error
    if not bound:
        raise missing or OSError(errno.EADDRNOTAVAIL, "no address")
    return bound


def _bind_address(made: socket.socket, address: tuple[object, ...], *, reuse_port: bool) -> socket.socket:
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if made.family == socket.AF_INET6:
            # The IPv4 address has a socket of its own.
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
    except OSError:
        made.close()
        raise
    return made


def _bind_path(path: Path) -> socket.socket:
    """Return a Unix socket, in place of one that a process has left behind; raises OSError if another listens there."""
    made = socket.socket(socket.AF_UNIX)
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            if path.is_socket():
                if probe.connect_ex(str(path)) == 0:
                    raise OSError(errno.EADDRINUSE, "in use")
                path.unlink()
        made.bind(str(path))
    except OSError:
        made.close()
        raise
    return made


def _cannot_listen(place: str, error: OSError | UnicodeError, flags: str) -> ConfigurationError:
    if isinstance(error, socket.gaierror | UnicodeError):
        reason = "the name is unknown"
    elif error.errno is not None:
        reason = _REASONS.get(error.errno, os.strerror(error.errno))
    else:
        # Only this error has no number.
        reason = "its path is too long"
    return ConfigurationError(f"Cannot listen on {place}: {reason}; choose another with {flags}.")
