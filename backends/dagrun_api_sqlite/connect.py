"""Opening a file by its URL."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from dagrun_api.airflow.layout import Layout
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.sqlstore.schema import create_schema, prepare
from dagrun_api.sqlstore.store import SQLStore
from dagrun_api.store import StoreOptions
from dagrun_api_sqlite.connections import Connection, Connections
from dagrun_api_sqlite.dialect import DIALECT
from dagrun_api_sqlite.errors import translated
from dagrun_api_sqlite.statements import HAS_TABLES
from dagrun_api_sqlite.url import path_of

__all__ = ["open_store"]


@asynccontextmanager
async def open_store(url: str, options: StoreOptions) -> AsyncGenerator[SQLStore]:
    """Open `sqlite:///relative/path.db` or `sqlite:////absolute/path.db`."""
    path = path_of(url)
    _check_file(path, create=options.create)
    connections = Connections(path, options)
    try:
        with opening(path):
            connection = await connections.open("rwc" if options.create else "rw")
            try:
                layout = await _prepare(connection, options, path)
            finally:
                await connection.close()
        yield SQLStore(connections, DIALECT, layout, options)
    finally:
        await connections.close()


@contextmanager
def opening(path: Path) -> Generator[None]:
    """Raise errors that waiting cannot cure as `ConfigurationError`."""
    try:
        with translated(path):
            yield
    except Unavailable as error:
        if "not a database" in str(error.__cause__):
            raise ConfigurationError(f"{path} is not a SQLite database.") from error
        raise


def _check_file(path: Path, *, create: bool) -> None:
    """Raise `ConfigurationError` unless the file can be opened, or created where it does not exist."""
    # Checked before connecting: the thread of a connection that fails to open outlives the event loop.
    if path.exists():
        usable = path.is_file() and os.access(path, os.R_OK | os.W_OK)
        reason = "is not a file that this process may read and write"
    else:
        usable = create and os.access(path.parent, os.W_OK | os.X_OK)
        reason = "cannot be created: its folder does not exist or is not writable" if create else "does not exist"
    if not usable:
        raise ConfigurationError(f"The SQLite file {path} {reason}.")


async def _prepare(connection: Connection, options: StoreOptions, path: Path) -> Layout:
    if not await connection.fetch(HAS_TABLES):
        if not options.create:
            raise ConfigurationError(f"{path} is empty: start the service, which creates a built-in database in it.")
        # Even without a catalogue.
        await create_schema(connection, DIALECT)
    return await prepare(connection, DIALECT, options)
