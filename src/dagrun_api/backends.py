"""The backend for a database URL, found through the entry points of installed packages."""

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
"""The entry point group: a URL scheme -> an `OpenStore`."""


def open_store(settings: Settings, *, create: bool = True) -> AbstractAsyncContextManager[Store]:
    """Open the store of these settings; without `create`, nothing is made or changed in the database.

    Entering it raises `ConfigurationError` or `Unavailable`; this call itself `ConfigurationError`.
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
    # As SQLAlchemy spells it in an airflow.cfg, a driver may follow: postgresql+psycopg2.
    scheme = url.partition("://")[0].partition("+")[0].lower()
    known = entry_points(group=GROUP)
    for entry in known:
        if entry.name == scheme:
            return cast("OpenStore", entry.load())
    schemes = ", ".join(sorted(known.names)) or "none: is the package installed?"
    raise ConfigurationError(f"No backend serves the database scheme {scheme}; the installed ones serve {schemes}.")
