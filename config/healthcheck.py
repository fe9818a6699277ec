"""The health check of the image: exit with status 0 if the service answers at the address in its settings."""

from __future__ import annotations

import os
import socket
import sys

from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import Settings

TIMEOUT = 2.0
EVERY_ADDRESS = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def connected(settings: Settings) -> socket.socket:
    """Return a connection to the service."""
    if settings.unix_socket is None:
        return socket.create_connection((EVERY_ADDRESS.get(settings.host, settings.host), settings.port), TIMEOUT)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(TIMEOUT)
    connection.connect(str(settings.unix_socket))
    return connection


def main() -> str | None:
    """Return what is wrong, or None."""
    try:
        with connected(Settings.load({}, os.environ)) as connection:
            connection.sendall(REQUEST)
            status = connection.makefile("rb").readline().decode("ascii", "replace").strip()
    except (ConfigurationError, OSError) as error:
        return f"unhealthy: {error}"
    return None if status.startswith("HTTP/1.1 200 ") else f"unhealthy: the service answers {status!r}"


if __name__ == "__main__":
    sys.exit(main())
