"""The URL of a database: as the driver takes it, and what of it may be shown."""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from dagrun_api.errors import ConfigurationError

__all__ = ["BAD_URL", "place_of", "readable"]

BAD_URL = (
    "The database URL cannot be read; write it as postgresql://user:password@host:port/database, with special "
    "characters of the password percent-encoded."
)

_LIBPQ_ONLY = ("connect_timeout", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count")
"""Parameters for psycopg2 that asyncpg would send to the server as settings."""


_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
"""Parameters that name a file. The error of the driver would not say which one is missing."""


def readable(url: str) -> str:
    """Return the URL as the driver takes it; raises `ConfigurationError` if it names a file that is not there."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in _LIBPQ_ONLY]
    for name, value in query:
        if name in _FILES and value != "system" and not os.access(value, os.R_OK):
            raise ConfigurationError(f"The database URL names a file that cannot be read: {name}={value}.")
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(query), ""))


def place_of(url: str) -> str:
    """Return host, port and database for the operator; raises `ConfigurationError` if the URL is ambiguous.

    An @, / or # within a password would make a part of it look like the host or the database.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigurationError(BAD_URL) from error
    query = dict(parse_qsl(parts.query))
    if parts.netloc.count("@") > 1 or "@" in parts.path or parts.fragment or not _names_all(parts.query):
        raise ConfigurationError(BAD_URL)
    host, port = _address(parts.netloc.rpartition("@")[2])
    host = host or query.get("host") or os.environ.get("PGHOST") or "local socket"
    port = port or query.get("port") or os.environ.get("PGPORT") or "5432"
    named = query.get("dbname") or query.get("database") or os.environ.get("PGDATABASE")
    database = unquote(parts.path.removeprefix("/")) or named or "of the user's name"
    return f"host {host}, port {port}, database {database}"


def _address(location: str) -> tuple[str, str]:
    """Return host and port; several hosts, which have a port each, stay as they are."""
    found = re.fullmatch(r"(\[[^]]*\]|[^:,]*)(?::([^:,]*))?", location)
    return (unquote(found[1]).strip("[]"), found[2] or "") if found else (location, "as given")


def _names_all(query: str) -> bool:
    """Whether each parameter is NAME=VALUE; otherwise it may be the end of a password with a question mark."""
    return all(re.fullmatch(r"[\w.]+=.*", part) for part in query.split("&") if part)
