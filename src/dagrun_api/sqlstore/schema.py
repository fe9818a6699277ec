"""Opening a database: detect its layout; create the built-in tables where the options ask for them, and fill them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager

from dagrun_api.airflow.layout import TABLES, Column, Generation, Layout, detect, is_empty
from dagrun_api.airflow.statements import BUILT_IN_VERSION, HEAD
from dagrun_api.errors import ConfigurationError
from dagrun_api.model import CatalogueDag
from dagrun_api.sqlstore.dialect import Connection, Dialect
from dagrun_api.store import StoreOptions

__all__ = ["create_schema", "detect_layout", "load_catalogue", "prepare"]


async def prepare(connection: Connection, dialect: Dialect, options: StoreOptions) -> Layout:
    """Return the layout of a database; create and fill the built-in tables where the options ask for them.

    Raises `ConfigurationError` when the tables cannot be read, or when they are Airflow's and there is a catalogue.
    """
    catalogue = options.catalogue if options.create else None
    if catalogue is not None:
        await create_schema(connection, dialect)
    layout = await detect_layout(connection, dialect, options)
    if options.create and layout.generation is Generation.STANDALONE and await _upgraded(connection, dialect):
        layout = await detect_layout(connection, dialect, options)
    if catalogue is not None:
        if layout.generation is not Generation.STANDALONE:
            raise ConfigurationError(
                f"This is a database of {layout.name}: its DAGs come from Airflow, so leave the catalogue (dags) out."
            )
        await load_catalogue(connection, dialect, layout, catalogue)
    return layout


async def create_schema(connection: Connection, dialect: Dialect) -> None:
    """Create the built-in tables in a database that has neither them nor Airflow's."""
    if not is_empty(await _columns(connection, dialect)):
        return
    if dialect.before_schema is not None:
        await connection.fetch(dialect.before_schema)
    async with _locked(connection, dialect):
        # Another service may have created them while this one waited.
        if is_empty(await _columns(connection, dialect)):
            for script in dialect.schema:
                await connection.script(script)


async def _upgraded(connection: Connection, dialect: Dialect) -> bool:
    """Bring the built-in tables of an earlier version to the newest one; return whether there was anything to do."""
    if not await _missing(connection, dialect):
        return False
    async with _locked(connection, dialect):
        # Another service may have done it while this one waited.
        for script in await _missing(connection, dialect):
            await connection.script(script)
    return True


async def _missing(connection: Connection, dialect: Dialect) -> Sequence[str]:
    """Return the scripts that the built-in tables still need."""
    ((version,),) = await connection.fetch(BUILT_IN_VERSION)
    return dialect.schema[version:]


async def detect_layout(connection: Connection, dialect: Dialect, options: StoreOptions) -> Layout:
    """Return the layout of the tables; raises `ConfigurationError` when they cannot be read."""
    columns = await _columns(connection, dialect)
    head: str | None = None
    if columns["alembic_version"]:
        ((head,),) = await connection.fetch(HEAD)
    return detect(columns, head, allow_unknown=options.allow_unknown_schema, audit_log=options.audit_log)


async def load_catalogue(
    connection: Connection, dialect: Dialect, layout: Layout, catalogue: Iterable[CatalogueDag]
) -> None:
    """Make the DAGs of a catalogue the live DAGs of the built-in database."""
    sql = dialect.statements(layout)
    async with _locked(connection, dialect):
        await connection.execute(sql["retire_dags"])
        for dag in catalogue:
            digest = hashlib.md5(dag.serialized.encode(), usedforsecurity=False).hexdigest()
            await connection.execute(sql["update_dag"], dag.dag_id, dag.full_path)
            await connection.execute(sql["add_dag"], dag.dag_id, dag.full_path, dag.paused)
            await connection.execute(sql["forget_serialized_dag"], dag.dag_id, digest)
            await connection.execute(sql["add_serialized_dag"], dag.dag_id, digest, dag.serialized)


async def _columns(connection: Connection, dialect: Dialect) -> dict[str, dict[str, Column]]:
    columns: dict[str, dict[str, Column]] = {table: {} for table in TABLES}
    for table, name, type_, required in await connection.fetch(dialect.columns, list(TABLES)):
        columns[table][name] = Column(type_, required=bool(required))
    return columns


@asynccontextmanager
async def _locked(connection: Connection, dialect: Dialect) -> AsyncGenerator[None]:
    """Open a transaction in which no other service creates or fills the built-in tables."""
    async with connection.transaction():
        if dialect.schema_lock is not None:
            await connection.fetch(dialect.schema_lock)
        yield
