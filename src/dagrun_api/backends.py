"""Opening the store for a database URL, through the entry points of the installed backends."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from importlib.metadata import entry_points
from typing import cast

from dagrun_api.catalogue import load
from dagrun_api.errors import ConfigurationError
from dagrun_api.settings import Settings
from dagrun_api.store import OpenStore, Store, StoreOptions

__all__ = ["GROUP", "open_store"]

GROUP = "dagrun_api.backends"
"""The entry point group of the backends: the name is a URL scheme, the object an `OpenStore`."""


def open_store(settings: Settings, *, create: bool = True) -> AbstractAsyncContextManager[Store]:
    """Return the store for these settings, to be entered; without `create`, it changes nothing in the database.

    Raises `ConfigurationError`; entering it raises `ConfigurationError` or `Unavailable`.
    """
    options = StoreOptions(
        pool_size=settings.pool_size,
        pool_timeout=settings.pool_timeout,
        connect_timeout=settings.connect_timeout,
        query_timeout=settings.query_timeout,
        lock_timeout=settings.lock_timeout,
        statement_cache=settings.statement_cache,
        schema=settings.database_schema,
        allow_unknown_schema=settings.allow_unknown_schema,
        audit_log=settings.audit_log,
        create=create,
        catalogue=load(settings.dags) if settings.dags is not None else None,
    )
    return _backend(settings.database)(settings.database, options)


def _backend(url: str) -> OpenStore:
    # The URL in an airflow.cfg may also name a driver, as in postgresql+psycopg2.
    scheme = url.partition("://")[0].partition("+")[0].lower()
    known = entry_points(group=GROUP)
    for entry in known:
        if entry.name == scheme:
            return cast("OpenStore", entry.load())
    schemes = ", ".join(sorted(known.names)) or "none: is the package installed?"
    raise ConfigurationError(f"No installed backend supports the database scheme {scheme}; supported are {schemes}.")
