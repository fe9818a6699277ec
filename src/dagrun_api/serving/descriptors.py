"""How many files the process may open, since each connection is one of them."""

from __future__ import annotations

import contextlib
import logging
import resource
import sys

from dagrun_api.settings import Settings

__all__ = ["affordable", "raise_limit"]

_OWN = 128
"""What the process opens besides connections: the standard streams, the event loop, sockets that listen, connections to
the metrics port, a time zone that is read, and connections that are closed a moment after the next was accepted."""

_PER_DATABASE_CONNECTION = 3
"""SQLite opens the file, its journal and its shared memory."""

_FEWEST = 16
"""With fewer connections the service would be of no use, so it tries."""

logger = logging.getLogger(__name__)


def raise_limit() -> int:
    """Let this process open as many files as the hard limit allows; return how many these are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # macOS shows no hard limit, but has one, and refuses more.
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def affordable(settings: Settings, files: int) -> int:
    """Return how many connections of clients fit into so many open files, at most `max_connections`."""
    rest = max(_FEWEST, files - _OWN - _PER_DATABASE_CONNECTION * settings.pool_size)
    if rest < settings.max_connections:
        logger.warning(
            "Serving at most %d connections instead of %d (max_connections): this process may open only %d files. "
            "Raise the limit (ulimit -n, or LimitNOFILE= in a systemd unit), or lower max_connections.",
            rest,
            settings.max_connections,
            files,
        )
    return min(rest, settings.max_connections)
