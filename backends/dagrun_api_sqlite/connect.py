"""Opening a file: finding out what is in it, making tables of our own where there are none, filling them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

from dagrun_api.airflow.layout import TABLES, Column, Generation, Layout, detect, is_empty
from dagrun_api.errors import ConfigurationError, Unavailable
from dagrun_api.model import CatalogueDag
from dagrun_api.store import StoreOptions
from dagrun_api_sqlite.connections import Connection, Connections
from dagrun_api_sqlite.errors import translated
from dagrun_api_sqlite.store import SQLiteStore, statements

__all__ = ["open_store"]


@asynccontextmanager
async def open_store(url: str, options: StoreOptions) -> AsyncGenerator[SQLiteStore]:
    """Open `sqlite:///relative/path.db` or `sqlite:////absolute/path.db`."""
    path = _path(url)
    looking = _looking(options)
    connections = Connections(path, options)
    _check_file(path, create=options.create)
    try:
        with _opening(path):
            connection = await connections.open("rwc" if options.create else "rw")
            try:
                layout = await _prepare(connection, options, looking, path)
            finally:
                await connection.close()
        yield SQLiteStore(connections, layout, looking)
    finally:
        await connections.close()


def _path(url: str) -> Path:
    scheme, _, rest = url.partition("://")
    path = unquote(rest.partition("?")[0])
    if not path.startswith("/") or path == "/" or "\0" in path or path[1:].startswith(":memory:"):
        raise ConfigurationError(
            f"{scheme} needs a file: sqlite:///relative/path.db or sqlite:////absolute/path.db (not in memory, where "
            "each connection would have a database of its own)."
        )
    return Path(path[1:])


async def _prepare(
    connection: Connection, options: StoreOptions, looking: Callable[[Connection], Awaitable[Layout]], path: Path
) -> Layout:
    if not await connection.fetch("SELECT 1 FROM sqlite_master LIMIT 1") or (
        options.catalogue is not None and is_empty(await _columns(connection))
    ):
        if not options.create:
            raise ConfigurationError(f"{path} is empty: start the service to make a database of our own in it.")
        # Readers then never wait for the writer. Airflow's own files stay as they are: the mode is kept in the file.
        await connection.fetch("PRAGMA journal_mode = WAL")
        async with connection.transaction(options.lock_timeout):
            if is_empty(await _columns(connection)):
                await connection.script((files("dagrun_api_sqlite") / "schema.sql").read_text())
    layout = await looking(connection)
    if options.catalogue is not None and options.create:
        if layout.generation is not Generation.STANDALONE:
            raise ConfigurationError(
                f"{path} is a database of {layout.name}: its DAGs come from Airflow, so leave the catalogue (dags) out."
            )
        async with connection.transaction(options.lock_timeout):
            await _load(connection, layout, options.catalogue)
    return layout


def _looking(options: StoreOptions) -> Callable[[Connection], Awaitable[Layout]]:
    async def look(connection: Connection) -> Layout:
        columns = await _columns(connection)
        heads: list[str] = []
        if columns["alembic_version"]:
            heads = [str(head) for (head,) in await connection.fetch("SELECT version_num FROM alembic_version")]
        return detect(
            columns,
            max(heads, default=None),
            allow_unknown=options.allow_unknown_schema,
            audit_log=options.audit_log,
        )

    return look


async def _columns(connection: Connection) -> dict[str, dict[str, Column]]:
    columns: dict[str, dict[str, Column]] = {}
    for table in TABLES:
        rows = await connection.fetch(
            'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', (table,)
        )
        columns[table] = {
            str(name): Column(str(type_), required=bool(not_null) and default is None and not key)
            for name, type_, not_null, default, key in rows
        }
    return columns


async def _load(connection: Connection, layout: Layout, catalogue: tuple[CatalogueDag, ...]) -> None:
    sql = statements(layout)
    await connection.fetch(sql["retire_dags"])
    for dag in catalogue:
        digest = hashlib.md5(dag.serialized.encode(), usedforsecurity=False).hexdigest()
        await connection.fetch(sql["update_dag"], (dag.dag_id, dag.full_path))
        await connection.fetch(sql["add_dag"], (dag.dag_id, dag.full_path, dag.paused))
        await connection.fetch(sql["forget_serialized_dag"], (dag.dag_id, digest))
        await connection.fetch(sql["add_serialized_dag"], (dag.dag_id, digest, dag.serialized))


def _check_file(path: Path, *, create: bool) -> None:
    """Raise `ConfigurationError` unless the file can be opened, or made where it is not there."""
    # Asked before connecting: the thread of a connection that fails to open outlives the event loop.
    if path.exists():
        usable = path.is_file() and os.access(path, os.R_OK | os.W_OK)
        reason = "is no file that this process may read and write"
    else:
        usable = create and os.access(path.parent, os.W_OK | os.X_OK)
        reason = "cannot be made: its folder is not there or may not be written to" if create else "does not exist"
    if not usable:
        raise ConfigurationError(f"The SQLite file {path} {reason}.")


@contextmanager
def _opening(path: Path) -> Generator[None]:
    """Raise what is wrong with the file itself as a mistake in the configuration."""
    try:
        with translated():
            yield
    except Unavailable as error:
        if "not a database" in str(error.__cause__):
            raise ConfigurationError(f"{path} is not a SQLite database.") from error
        raise
